package jarrah.images.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What was in an archive of the form in which distributions published images for Eucalyptus and the early EC2, {@code
 * NAME-cloudimg-amd64.tar.gz}: a root file system {@code *.img}, a kernel {@code *vmlinuz*}, and an {@code *initrd*} or a
 * {@code *loader*}.
 *
 * @param machineImage the disk or the bare root file system
 * @param ramdisk the initrd; where there is none the loader, which takes its place
 */
public record CloudTarball(Path machineImage, Optional<Path> kernel, Optional<Path> ramdisk) {
    private static final int MAX_ENTRIES = 100;
    private static final int BLOCK_BYTES = 64 << 10;

    /**
     * Unpacks the parts that are known by their names, and only these, as plain files into a directory. Runs of zeroes
     * become holes.
     *
     * @param directory where to; made if missing. What is written there before a failure is the caller's to remove
     * @param maxBytes of all that is unpacked
     * @throws IOException if it is no such archive, is larger than allowed, or holds what no honest one does: links, devices,
     *     absolute names or names with {@code ..}
     */
    public static CloudTarball unpack(Path archive, Path directory, long maxBytes) throws IOException {
        Files.createDirectories(directory);
        var parts = new Parts(directory, maxBytes);
        try (var tar = new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive), BLOCK_BYTES))) {
            int entries = 0;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > MAX_ENTRIES) {
                    throw new IOException("the archive has more than " + MAX_ENTRIES + " entries");
                }
                parts.take(entry, tar);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the archive is damaged: " + e.getMessage(), e);
        }
        return parts.complete();
    }

    /** What was found so far. */
    private static final class Parts {
        private final Path directory;
        private long bytesLeft;
        private Optional<Path> image = Optional.empty();
        private Optional<Path> kernel = Optional.empty();
        private Optional<Path> initrd = Optional.empty();
        private Optional<Path> loader = Optional.empty();

        Parts(Path directory, long maxBytes) {
            this.directory = directory;
            this.bytesLeft = maxBytes;
        }

        void take(TarArchiveEntry entry, InputStream content) throws IOException {
            String path = entry.getName();
            if (path.startsWith("/") || Arrays.asList(path.split("/")).contains("..") || path.indexOf('\0') >= 0) {
                throw new IOException("the archive has an entry with the name " + path);
            }
            if (entry.isDirectory()) {
                return;
            }
            if (!entry.isFile() || entry.isSymbolicLink() || entry.isLink()) {
                throw new IOException("the archive's entry " + path + " is no plain file");
            }
            String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
            if (name.endsWith(".img") && !name.contains("initrd")) {
                image = once(image, entry, content, "image.raw");
            } else if (name.contains("vmlinuz")) {
                kernel = once(kernel, entry, content, "kernel");
            } else if (name.contains("initrd")) {
                initrd = once(initrd, entry, content, "ramdisk");
            } else if (name.contains("loader")) {
                loader = once(loader, entry, content, "loader");
            }
        }

        private Optional<Path> once(Optional<Path> before, TarArchiveEntry entry, InputStream content, String name)
                throws IOException {
            if (before.isPresent()) {
                throw new IOException(
                        "the archive has two files that could be its " + name + "; one is " + entry.getName());
            }
            Path file = directory.resolve(name);
            write(content, file, entry.getRealSize());
            return Optional.of(file);
        }

        private void write(InputStream content, Path file, long size) throws IOException {
            if (size > bytesLeft) {
                throw new IOException("the archive's content is larger than allowed");
            }
            bytesLeft -= size;
            try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                byte[] zeroes = new byte[BLOCK_BYTES];
                long at = 0;
                while (at < size) {
                    byte[] block = content.readNBytes((int) Math.min(BLOCK_BYTES, size - at));
                    if (block.length == 0) {
                        throw new IOException("the archive ends within " + file.getFileName());
                    }
                    boolean last = at + block.length == size;
                    if (last || !Arrays.equals(block, 0, block.length, zeroes, 0, block.length)) {
                        write(out, block, at);
                    }
                    at += block.length;
                }
                out.force(true);
            }
        }

        private static void write(FileChannel out, byte[] block, long at) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(block);
            while (bytes.hasRemaining()) {
                out.write(bytes, at + bytes.position());
            }
        }

        CloudTarball complete() throws IOException {
            Path found = image.orElseThrow(() -> new IOException("the archive has no file *.img"));
            return new CloudTarball(found, kernel, initrd.isPresent() ? initrd : loader);
        }
    }
}
