/**
 * Bundles: an image as the instance-store tools of EC2 and Eucalyptus exchange it, manifest version 2007-10-10.
 *
 * <p>A <em>bundle</em> is a <em>manifest</em> ({@link jarrah.images.bundle.Manifest}) and N <em>parts</em>. The parts, in
 * the order of their index, are one AES-128-CBC ciphertext; below it lies gzip, below that a tar with the image as its
 * only member. The manifest holds the key and the IV twice, encrypted for the user who bundled and for the cloud that will
 * unbundle ({@link jarrah.images.bundle.BundleKeys}), SHA-1 digests of the tar and of each part, and the user's signature
 * ({@link jarrah.images.bundle.ManifestSignature}).
 *
 * <p>Start with {@link jarrah.images.bundle.Bundler} and {@link jarrah.images.bundle.Unbundler}, which go one way and the
 * other, both streaming. {@link jarrah.images.bundle.ManifestMigration} readdresses a bundle to another cloud without
 * touching its parts. The format in brief stands in {@code docs/images/bundles.md}. SHA-1 and PKCS#1 v1.5 are the format's
 * own; nothing here can strengthen them without shutting out every client.
 */
@NullMarked
package jarrah.images.bundle;

import org.jspecify.annotations.NullMarked;
