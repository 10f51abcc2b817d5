/**
 * S3 on the wire: which operation a request is, its headers and XML, one file per group of operations.
 *
 * <p>Stands above {@code jarrah.s3.store}, which has the rules and knows neither HTTP nor XML; never the reverse. Start
 * with {@link jarrah.s3.wire.S3Router}.
 */
@NullMarked
package jarrah.s3.wire;

import org.jspecify.annotations.NullMarked;
