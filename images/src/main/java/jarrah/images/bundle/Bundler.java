package jarrah.images.bundle;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Makes bundles: image, tar, gzip, AES, parts, in one pass and in bounded memory ({@link BundlePipeline}).
 *
 * <p>Parts are named as ec2-ami-tools names them, the index filled with zeros to the digits of the number of parts, which
 * shows only at the end; see {@link PartSink}.
 */
public final class Bundler {
    private Bundler() {}

    /**
     * Bundles a file. With {@link BundleSpec#sparse} it is read twice, the first time to find the zeros.
     *
     * @param image must not change meanwhile
     * @param sink gets the parts; discarded if anything fails
     * @param progress told in bytes of the tar
     * @return the manifest, to be written by {@link ManifestWriter}
     */
    public static Manifest bundle(Path image, BundleSpec spec, PartSink sink, Progress progress) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
            long size = file.size();
            List<Extent> extents = spec.sparse() ? Extent.scan(file) : Extent.whole(size);
            return bundle(new TarStream(spec.name(), size, extents, file::read), size, spec, sink, progress);
        }
    }

    /**
     * Bundles a stream.
     *
     * @param image read to {@code size}, not closed
     * @param size bytes of the image, which the tar's header has to say first
     */
    public static Manifest bundle(
            ReadableByteChannel image, long size, BundleSpec spec, PartSink sink, Progress progress)
            throws IOException {
        var tar = new TarStream(spec.name(), size, Extent.whole(size), (target, _) -> image.read(target));
        return bundle(tar, size, spec, sink, progress);
    }

    private static Manifest bundle(TarStream tar, long size, BundleSpec spec, PartSink sink, Progress progress)
            throws IOException {
        boolean done = false;
        try {
            if (size > Manifest.MAX_IMAGE_BYTES) {
                throw new ImageException.CannotBundle(
                        "the image is larger than " + Manifest.MAX_IMAGE_BYTES + " bytes");
            }
            // Certificates first: a wrong one shall not show after an hour of compressing.
            Manifest.EncryptedKeys forCloud = spec.keys().encryptFor(spec.cloud());
            Manifest.EncryptedKeys forUser =
                    spec.userCertificate().map(spec.keys()::encryptFor).orElse(Manifest.EncryptedKeys.NONE);
            BundlePipeline.Result result = new BundlePipeline(spec, sink, progress).run(tar);
            sink.complete(result.parts());
            done = true;
            return new Manifest(
                    Manifest.VERSION,
                    spec.bundler(),
                    spec.machine(),
                    new Manifest.Image(
                            spec.name(),
                            spec.user(),
                            spec.type(),
                            Optional.empty(),
                            spec.ancestors(),
                            result.digest(),
                            size,
                            result.bundledSize(),
                            forCloud,
                            forUser,
                            result.parts()),
                    "");
        } finally {
            if (!done) {
                sink.discard();
            }
        }
    }
}
