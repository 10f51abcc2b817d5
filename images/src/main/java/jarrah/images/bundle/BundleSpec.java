package jarrah.images.bundle;

import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * How an image is to be bundled.
 *
 * @param name name of the image, and the beginning of its parts' names
 * @param user account id
 * @param type what the image is for
 * @param machine what it wants of its machine
 * @param bundler who bundles
 * @param cloud certificate of the cloud that is to open the bundle
 * @param userCertificate certificate of the user; empty to let the cloud alone open it
 * @param keys key and IV
 * @param partBytes bytes of every part but the last
 * @param sparse whether zeros may be left out with a GNU sparse map; readers that cannot expand one need {@code false}
 * @param ancestors ids of the images that it was made from
 */
public record BundleSpec(
        String name,
        String user,
        ImageType type,
        Manifest.Machine machine,
        Manifest.Bundler bundler,
        X509Certificate cloud,
        Optional<X509Certificate> userCertificate,
        BundleKeys keys,
        long partBytes,
        boolean sparse,
        java.util.List<String> ancestors) {
    /** What both families of tools cut: 10 MiB. */
    public static final long PART_BYTES = 10 * 1024 * 1024;

    public BundleSpec {
        ancestors = java.util.List.copyOf(ancestors);
        Optional<String> fault = FileNames.fault(name + ".part.00000");
        if (fault.isPresent()) {
            throw new ImageException.CannotBundle("the image name " + Quoted.of(name) + " " + fault.get());
        }
        if (name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > TarHeader.NAME) {
            throw new ImageException.CannotBundle("the image name is longer than " + TarHeader.NAME + " bytes");
        }
        if (partBytes < 1) {
            throw new ImageException.CannotBundle("parts of " + partBytes + " bytes cannot be made");
        }
    }
}
