/**
 * Certificates from an authority by ACME (RFC 8555), proved by HTTP (8.3). Start at {@link
 * jarrah.accelerator.acme.AcmeCertificates}, which keeps them fresh; {@link jarrah.accelerator.acme.Authority} orders one.
 */
@NullMarked
package jarrah.accelerator.acme;

import org.jspecify.annotations.NullMarked;
