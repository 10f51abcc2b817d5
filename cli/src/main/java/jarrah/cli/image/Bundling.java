package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.images.bundle.BundleSpec;
import jarrah.images.bundle.Bundler;
import jarrah.images.bundle.DirectoryParts;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A bundle about to be made: tells what it does in the words of the historical tools.
 *
 * @param command that was called
 * @param signer signs the manifest
 * @param destination of parts and manifest
 * @param sizeChecks whether images are held to what instance stores take
 */
record Bundling(
        CommandSpec command,
        Surroundings around,
        BundleSpec bundle,
        PrivateKey signer,
        Path destination,
        boolean sizeChecks) {
    /** What both families of tools hold an instance-store image to. */
    private static final long MAX_IMAGE_BYTES = 10L * 1024 * 1024 * 1024;

    /**
     * Bundles an image file.
     *
     * @throws CommandFailed if there is none, or it is too large
     */
    void bundle(Path file, PrintWriter out) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed("there is no image file " + file);
        }
        checkSize(Files.size(file));
        out.println("Bundling image file...");
        try (var line = progress()) {
            finish(Bundler.bundle(file, bundle, new DirectoryParts(destination), line), out);
        }
    }

    /**
     * Bundles an image that comes from a stream.
     *
     * @throws CommandFailed if it is too large
     */
    void bundle(InputStream in, long bytes, PrintWriter out) throws IOException {
        checkSize(bytes);
        out.println("Bundling image file...");
        try (var line = progress()) {
            finish(Bundler.bundle(Channels.newChannel(in), bytes, bundle, new DirectoryParts(destination), line), out);
        }
    }

    private ProgressLine progress() {
        return new ProgressLine(command.commandLine().getErr(), around.terminal(), "Bundling");
    }

    private void checkSize(long bytes) {
        if (!sizeChecks) {
            return;
        }
        if (bytes == 0) {
            throw new CommandFailed("the image is empty");
        }
        if (bytes > MAX_IMAGE_BYTES) {
            throw new CommandFailed("the image has " + bytes + " bytes; instance-store images are held to "
                    + MAX_IMAGE_BYTES + " (--no-size-checks overrides)");
        }
    }

    private void finish(Manifest manifest, PrintWriter out) throws IOException {
        String name = manifest.image().name();
        out.println("Splitting " + destination.resolve(name + ".tar.gz.enc") + "...");
        manifest.image().parts().forEach(part -> out.println("Created " + part.fileName()));
        out.println("Generating digests for each part...");
        out.println("Digests generated.");
        out.println("Creating bundle manifest...");
        Path file = destination.resolve(name + ".manifest.xml");
        ManifestFile.write(file, ManifestWriter.signed(manifest, signer));
        out.println("Bundle manifest is " + file);
        out.println(name(command) + " complete.");
    }

    /** The command as it was called. */
    static String name(CommandSpec spec) {
        return spec.name().contains("-") ? spec.name() : spec.qualifiedName();
    }
}
