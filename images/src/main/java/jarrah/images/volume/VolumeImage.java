package jarrah.images.volume;

import jarrah.images.bundle.Progress;
import jarrah.machine.LimitedCommand;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An image file of a mounted file system, such as the root of the machine that this runs on: a sparse file with a file
 * system of the same kind, label and UUID, into which all is copied but what is left out. It takes root, and a kernel with
 * loop devices. Closing it takes down what is mounted, and deletes the image unless it was completed.
 */
public final class VolumeImage implements AutoCloseable {
    /** What no image holds; the directories themselves it does. */
    public static final List<String> NEVER = List.of("/dev", "/media", "/mnt", "/proc", "/sys");

    /** What the historical tool leaves out since it may be secret, or rubbish. */
    public static final List<String> FILTER = List.of(
            "*/#*#",
            "*/.#*",
            "*.sw",
            "*.swo",
            "*.swp",
            "*~",
            "*.pem",
            "*.priv",
            "*id_rsa*",
            "*id_dsa*",
            "*id_ecdsa*",
            "*id_ed25519*",
            "*.gpg",
            "*.jks",
            "*/.ssh/authorized_keys",
            "*/.bash_history");

    private static final long MEBIBYTE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Set<String> EXTENDED = Set.of("ext2", "ext3", "ext4");

    /** Devices that a system needs before it makes its own: name, kind, major, minor, mode. */
    private static final List<String> DEVICES = List.of(
            "console c 5 1 600",
            "null c 1 3 666",
            "zero c 1 5 666",
            "full c 1 7 666",
            "random c 1 8 666",
            "urandom c 1 9 666",
            "tty c 5 0 666",
            "tty0 c 4 0 620");

    private final Request request;
    private final Path work;
    private final Path mountPoint;
    private final Path image;
    private final List<Process> copying = new ArrayList<>();
    private boolean mounted;
    private boolean closed;

    /**
     * What is asked for.
     *
     * @param volume the directory that is to be the image's root
     * @param destination where the image is made; has room for what is copied
     * @param mebibytes size of the file system
     * @param excluded absolute paths of directories that stay empty, beside {@link #NEVER}
     * @param filter patterns of files to be left out, as of tar(1)
     * @param included absolute paths of files that come along although the filter says otherwise
     * @param everything whether other file systems that are mounted in the volume are copied too
     * @param fstab in place of the volume's own {@code /etc/fstab}
     * @param generateFstab whether to write one that mounts the root alone
     * @param grubConfig in place of the volume's own {@code /boot/grub/menu.lst}
     * @param script run at the end, with the image's mount point as argument
     */
    public record Request(
            Path volume,
            Path destination,
            long mebibytes,
            List<Path> excluded,
            List<String> filter,
            List<Path> included,
            boolean everything,
            Optional<Path> fstab,
            boolean generateFstab,
            Optional<Path> grubConfig,
            Optional<Path> script) {
        public Request {
            excluded = List.copyOf(excluded);
            filter = List.copyOf(filter);
            included = List.copyOf(included);
        }
    }

    private VolumeImage(Request request, Path work) {
        this.request = request;
        this.work = work;
        mountPoint = work.resolve("root");
        image = work.resolve("image");
    }

    /**
     * Begins; nothing is copied yet.
     *
     * @throws IOException if there is no such volume, or no room
     */
    public static VolumeImage begin(Request request) throws IOException {
        if (!Files.isDirectory(request.volume())) {
            throw new IOException("there is no directory " + request.volume());
        }
        FileStore from = Files.getFileStore(request.volume());
        long used = from.getTotalSpace() - from.getUnallocatedSpace();
        boolean own = Mounts.read().of(request.volume()).point().equals(request.volume());
        if (own && !request.everything()) {
            requireRoom(request, used);
        }
        return new VolumeImage(request, Files.createTempDirectory(request.destination(), ".jarrah-volume-"));
    }

    /** What is left out may make the difference, so that only what is surely hopeless is refused. */
    private static void requireRoom(Request request, long used) throws IOException {
        long excluded = 0;
        for (Path path : exclusions(request)) {
            excluded += Files.isDirectory(path) ? bytesBelow(path) : 0;
        }
        long copied = Math.max(0, used - excluded);
        long free = Files.getFileStore(request.destination()).getUsableSpace();
        if (copied > free) {
            throw new IOException(String.format(
                    "%s holds %d MB, and %s has room for %d",
                    request.volume(), copied / MEBIBYTE, request.destination(), free / MEBIBYTE));
        }
        if (copied > request.mebibytes() * MEBIBYTE) {
            throw new IOException(String.format(
                    "%s holds %d MB, more than an image of %d MB does",
                    request.volume(), copied / MEBIBYTE, request.mebibytes()));
        }
    }

    private static long bytesBelow(Path directory) throws IOException {
        String total = run("du", "--one-file-system", "--summarize", "--block-size=1", "--", directory.toString());
        return Long.parseLong(total.split("\\s", 2)[0]);
    }

    /** The absolute paths of directories of the volume that stay empty. */
    private static List<Path> exclusions(Request request) throws IOException {
        var all = new LinkedHashSet<Path>();
        NEVER.forEach(path -> all.add(request.volume().resolve(path.substring(1))));
        all.addAll(request.excluded());
        if (request.everything()) {
            all.addAll(Mounts.read().withoutFilesBelow(request.volume()));
        }
        return all.stream().filter(path -> path.startsWith(request.volume())).toList();
    }

    /** The directories that stay empty, for people. */
    public List<Path> excluded() throws IOException {
        return exclusions(request);
    }

    /**
     * Makes the image.
     *
     * @param progress told of the bytes that are copied, as the file systems count them
     * @return the image file, which {@link #close} deletes
     * @throws IOException if something cannot be copied, or the image is full
     */
    public Path make(Progress progress) throws IOException, InterruptedException {
        format();
        Files.createDirectory(mountPoint);
        synchronized (this) {
            requireOpen();
            command("mount", "-o", "loop", image.toString(), mountPoint.toString());
            mounted = true;
        }
        copy(progress);
        emptyDirectories();
        devices();
        settings();
        if (request.script().isPresent()) {
            command(request.script().get().toAbsolutePath().toString(), mountPoint.toString());
        }
        command("sync", "--file-system", mountPoint.toString()); // tells of what the disk below could not take
        synchronized (this) {
            requireOpen();
            command("umount", mountPoint.toString());
            mounted = false;
        }
        return image;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("interrupted");
        }
    }

    private void format() throws IOException, InterruptedException {
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(request.mebibytes() * MEBIBYTE);
        }
        Mounts.Mount mount = Mounts.read().of(request.volume());
        String type = EXTENDED.contains(mount.type()) ? mount.type() : "ext4";
        var command = new ArrayList<>(List.of("mkfs." + type, "-q", "-F", "-m", "1"));
        // A boot loader or fstab that goes by them finds the copy as it found the original.
        identity(mount.source(), "LABEL").ifPresent(label -> command.addAll(List.of("-L", label)));
        if (EXTENDED.contains(mount.type())) {
            identity(mount.source(), "UUID").ifPresent(uuid -> command.addAll(List.of("-U", uuid)));
        }
        command.add(image.toString());
        command(command.toArray(String[]::new));
    }

    private static Optional<String> identity(String device, String what) throws InterruptedException {
        if (!device.startsWith("/dev/")) {
            return Optional.empty();
        }
        try {
            String value = new LimitedCommand(List.of("blkid", "-s", what, "-o", "value", device), PATIENCE)
                    .succeed()
                    .strip();
            return value.isEmpty() ? Optional.empty() : Optional.of(value);
        } catch (IOException e) {
            return Optional.empty(); // none is known
        }
    }

    private void copy(Progress progress) throws IOException, InterruptedException {
        var tar = new ArrayList<>(List.of(
                "tar",
                "--create",
                "--directory=" + request.volume(),
                "--numeric-owner",
                "--sparse",
                "--acls",
                "--selinux",
                "--xattrs",
                "--xattrs-include=*",
                "--anchored",
                "--no-wildcards"));
        if (!request.everything()) {
            tar.add("--one-file-system");
        }
        for (Path path : exclusions(request)) {
            tar.add("--exclude=" + relative(path));
        }
        tar.add("--exclude=" + relative(work));
        tar.addAll(List.of("--no-anchored", "--wildcards"));
        request.filter().forEach(pattern -> tar.add("--exclude=" + pattern));
        tar.add(".");
        pipe(tar, progress);
        List<Path> included = request.included().stream()
                .filter(path -> path.startsWith(request.volume()) && Files.exists(path))
                .toList();
        if (!included.isEmpty()) {
            var more = new ArrayList<>(tar.subList(0, tar.indexOf("--anchored")));
            more.add("--");
            included.forEach(path -> more.add(relative(path)));
            pipe(more, progress);
        }
    }

    /** As tar names it; what lies elsewhere has a name that nothing in the volume has. */
    private String relative(Path path) {
        return "./" + request.volume().relativize(path.toAbsolutePath());
    }

    /** One tar reads, another writes: hard links, holes, owners, devices and attributes come along. */
    private void pipe(List<String> reader, Progress progress) throws IOException, InterruptedException {
        List<String> writer = List.of(
                "tar",
                "--extract",
                "--directory=" + mountPoint,
                "--numeric-owner",
                "--preserve-permissions",
                "--same-owner",
                "--acls",
                "--selinux",
                "--xattrs",
                "--xattrs-include=*");
        Path said = work.resolve("tar.log");
        List<Process> both;
        synchronized (this) {
            requireOpen();
            both = ProcessBuilder.startPipeline(Stream.of(reader, writer)
                    .map(command -> {
                        var builder = new ProcessBuilder(command)
                                .redirectError(ProcessBuilder.Redirect.appendTo(said.toFile()));
                        builder.environment().put("LC_ALL", "C");
                        return builder;
                    })
                    .toList());
            copying.addAll(both);
        }
        FileStore from = Files.getFileStore(request.volume());
        FileStore to = Files.getFileStore(mountPoint);
        both.getLast().getInputStream().close();
        long total = from.getTotalSpace() - from.getUnallocatedSpace();
        while (!both.getLast().waitFor(500, TimeUnit.MILLISECONDS)) {
            progress.at(Math.min(total, to.getTotalSpace() - to.getUnallocatedSpace()), total);
        }
        int read = both.getFirst().waitFor();
        int written = both.getLast().exitValue();
        // 1: files changed while they were read, which is in the nature of a file system in use (tar(1)).
        if (read > 1 || written != 0) {
            if (to.getUsableSpace() < MEBIBYTE) {
                throw new IOException("an image of " + request.mebibytes() + " MB is too small for what is copied");
            }
            throw new IOException("copying failed: " + complaint(said));
        }
    }

    /** The first line that tells what went wrong: later ones tell what followed from it. */
    private static String complaint(Path said) throws IOException {
        try (Stream<String> lines = Files.lines(said, StandardCharsets.ISO_8859_1)) {
            return lines.filter(
                            line -> !line.contains("file changed as we read it") && !line.contains("socket ignored"))
                    .findFirst()
                    .orElse("tar was ended");
        }
    }

    /** Mount points and what was left out, with the owners and modes that they have in the volume. */
    private void emptyDirectories() throws IOException, InterruptedException {
        for (Path path : exclusions(request)) {
            Path copy = mountPoint.resolve(request.volume().relativize(path));
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(copy);
                command("chown", "--reference=" + path, "--", copy.toString());
                command("chmod", "--reference=" + path, "--", copy.toString());
            }
        }
    }

    private void devices() throws IOException, InterruptedException {
        Path directory = mountPoint.resolve("dev");
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (String device : DEVICES) {
            String[] words = device.split(" ");
            Path node = directory.resolve(words[0]);
            if (!Files.exists(node, LinkOption.NOFOLLOW_LINKS)) {
                command("mknod", "-m", words[4], node.toString(), words[1], words[2], words[3]);
            }
        }
    }

    private void settings() throws IOException, InterruptedException {
        if (request.fstab().isPresent()) {
            replace("etc/fstab", Files.readAllBytes(request.fstab().get()));
        } else if (request.generateFstab()) {
            Mounts.Mount root = Mounts.read().of(mountPoint);
            String uuid = new LimitedCommand(List.of("blkid", "-s", "UUID", "-o", "value", image.toString()), PATIENCE)
                    .succeed()
                    .strip();
            replace(
                    "etc/fstab",
                    ("UUID=" + uuid + " / " + root.type() + " defaults 0 1\n").getBytes(StandardCharsets.US_ASCII));
        }
        if (request.grubConfig().isPresent()) {
            replace(
                    "boot/grub/menu.lst",
                    Files.readAllBytes(request.grubConfig().get()));
        }
    }

    /** A file of the image, never what a link there leads to. */
    private void replace(String name, byte[] content) throws IOException {
        Path file = mountPoint.resolve(name);
        Path directory = java.util.Objects.requireNonNull(file.getParent());
        if (!directory.toRealPath().startsWith(mountPoint.toRealPath())) {
            throw new IOException("/" + name + " leads out of the volume");
        }
        Path fresh = Files.createTempFile(directory, ".jarrah-", "");
        Files.write(fresh, content);
        Files.setPosixFilePermissions(fresh, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String run(String... command) throws IOException {
        try {
            return new LimitedCommand(List.of(command), PATIENCE).succeed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void command(String... command) throws IOException, InterruptedException {
        new LimitedCommand(List.of(command), PATIENCE).succeed();
    }

    /** Takes down what there is, also from another thread while {@link #make} runs; harmless when called again. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        copying.forEach(Process::destroyForcibly);
        copying.forEach(process -> process.onExit().join());
        if (mounted) {
            run("umount", "--lazy", mountPoint.toString());
            mounted = false;
        }
        delete(work);
    }

    private static void delete(@Nullable Path directory) throws IOException {
        if (directory == null) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Files.deleteIfExists(directory);
    }
}
