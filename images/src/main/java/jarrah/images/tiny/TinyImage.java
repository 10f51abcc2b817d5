package jarrah.images.tiny;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The tiny image's three parts, as files.
 *
 * @param version of the recipe and of all packages in it, in short, e.g. {@code 1-3f0c22b1}; what it stands for is in the
 *     file {@code packages} beside the parts
 * @param kernel a compressed kernel, for an EKI
 * @param ramdisk a gzipped cpio archive, for an ERI; with NVMe disks the kernel can do without
 * @param rootFileSystem a bare ext4 file system in a sparse raw file, labelled {@code tiny}, for an EMI
 */
public record TinyImage(String version, Path kernel, Path ramdisk, Path rootFileSystem) {
    /** What the kernel is to be told, with the ramdisk. */
    public static final String COMMAND_LINE = "root=LABEL=tiny rw console=ttyS0 quiet";

    /** Raised when the recipe in this class and its neighbours changes; scripts count by themselves. */
    private static final int RECIPE = 1;

    private static final List<String> SCRIPTS = List.of(
            "ramdisk-init.sh",
            "inittab",
            "boot.sh",
            "shutdown.sh",
            "power-button.sh",
            "dhcp.sh",
            "instance.sh",
            "passwd",
            "group");

    private static final String CURRENT = "current";

    /**
     * The tiny image from the cache, or, the first time, built into it: some 45 MB of packages are fetched by {@code
     * apt-get} from where this host gets its own, without installing any, and taken apart. Needs no root.
     *
     * <p>What is in the cache is never renewed by itself, so that a name once registered stays what it was; empty the
     * directory to build from today's packages. One build at a time is the caller's to see to; a build that is cut off
     * leaves nothing that is taken for an image.
     *
     * @param cache a directory of its own; made if missing
     * @param progress told a line at each step, for people to read
     * @throws IOException if a program, a package or the network is missing; the message says which
     */
    public static TinyImage build(Path cache, Consumer<String> progress) throws IOException, InterruptedException {
        Files.createDirectories(cache);
        String recipe = "recipe " + RECIPE + " " + scriptsHash();
        Optional<TinyImage> known = cached(cache, recipe);
        if (known.isPresent()) {
            return known.get();
        }
        Path work = Files.createTempDirectory(cache, "building-");
        try {
            List<String> packages = new TinyImageBuild(work, progress).run();
            String version = RECIPE + "-" + hash((recipe + packages).getBytes(StandardCharsets.UTF_8));
            Path done = cache.resolve("tiny-" + version);
            Files.write(work.resolve("result").resolve("packages"), packages);
            FileTree.delete(done);
            Files.move(work.resolve("result"), done, StandardCopyOption.ATOMIC_MOVE);
            Path mark = Files.writeString(work.resolve(CURRENT), recipe + "\n" + version + "\n");
            Files.move(
                    mark, cache.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return in(done, version);
        } finally {
            FileTree.delete(work);
        }
    }

    /** The image that the file {@code current} names, if this very recipe built it. */
    private static Optional<TinyImage> cached(Path cache, String recipe) throws IOException {
        Path mark = cache.resolve(CURRENT);
        if (!Files.exists(mark)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(mark);
        if (lines.size() != 2 || !lines.getFirst().equals(recipe)) {
            return Optional.empty();
        }
        TinyImage image = in(cache.resolve("tiny-" + lines.get(1)), lines.get(1));
        boolean whole =
                Stream.of(image.kernel, image.ramdisk, image.rootFileSystem).allMatch(Files::isRegularFile);
        return whole ? Optional.of(image) : Optional.empty();
    }

    private static TinyImage in(Path directory, String version) {
        return new TinyImage(
                version,
                directory.resolve(TinyImageBuild.KERNEL),
                directory.resolve(TinyImageBuild.RAMDISK),
                directory.resolve(TinyImageBuild.ROOT));
    }

    /** A file of the guest, from this package's resources. */
    static byte[] resource(String name) throws IOException {
        try (InputStream in = TinyImage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("the resource " + name + " is missing from the build");
            }
            return in.readAllBytes();
        }
    }

    private static String scriptsHash() throws IOException {
        var all = new ArrayList<String>();
        for (String script : SCRIPTS) {
            all.add(hash(resource(script)));
        }
        return hash(String.join(" ", all).getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
