/**
 * Turns a program for Varnish (VCL 4) into sites, as far as sites can say the same, and lists what they cannot.
 *
 * <p>Start at {@link jarrah.accelerator.vcl.VclImport}. {@link jarrah.accelerator.vcl.VclParser} makes {@link
 * jarrah.accelerator.vcl.Vcl} of the text; {@link jarrah.accelerator.vcl.Walk} follows it for one set of hosts and paths
 * after the other, since there conditions on host and path are simply true or false; {@link
 * jarrah.accelerator.vcl.SiteDraft} takes what remains.
 */
@NullMarked
package jarrah.accelerator.vcl;

import org.jspecify.annotations.NullMarked;
