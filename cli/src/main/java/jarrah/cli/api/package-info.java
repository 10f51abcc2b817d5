/**
 * How commands speak to AWS's services and ours: {@link jarrah.cli.api.Api} signs and sends, {@link jarrah.cli.api.Credentials}
 * are the options for it.
 */
@NullMarked
package jarrah.cli.api;

import org.jspecify.annotations.NullMarked;
