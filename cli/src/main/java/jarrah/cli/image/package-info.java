/**
 * {@code jarrah image}: bundles, from making one to registering it. One class per command; each takes the options of both
 * families of historical tools, and is also reached by their names at the top level ({@code jarrah ec2-bundle-image}), which
 * {@link jarrah.cli.image.ImageCommand} lists. What the commands do to bundles is in {@code jarrah.images.bundle}.
 *
 * <p>{@link jarrah.cli.api.Api} signs and sends; {@link jarrah.cli.image.S3Client} and {@link
 * jarrah.cli.image.Ec2Client} speak to the two services over it.
 */
@NullMarked
package jarrah.cli.image;

import org.jspecify.annotations.NullMarked;
