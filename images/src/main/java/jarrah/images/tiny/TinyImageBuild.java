package jarrah.images.tiny;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** One building of the tiny image in a directory of its own; the parts come to lie in {@code result}. */
final class TinyImageBuild {
    static final String KERNEL = "vmlinuz";
    static final String RAMDISK = "ramdisk.gz";
    static final String ROOT = "root.img";

    private static final String KERNEL_PACKAGE = "linux-image-cloud-amd64";

    /** Programs whose libraries come with them. */
    private static final List<String> LINKED = List.of("busybox", "dropbear-bin", "curl", "openssl", "tar", "gzip");

    /** Programs that need no library but libc, and files. */
    private static final List<String> ALONE =
            List.of("openssh-client", "openssh-sftp-server", "coreutils", "ca-certificates");

    private static final List<String> VIRTIO = List.of("virtio_pci", "virtio_blk", "virtio_net", "virtio_rng");
    private static final List<String> IDE = List.of("ata_piix", "sd_mod", "e1000");
    private static final List<String> BUTTON = List.of("button", "evdev");

    private final Path work;
    private final Path packages;
    private final Path staticPackage;
    private final Path result;
    private final Consumer<String> progress;

    TinyImageBuild(Path work, Consumer<String> progress) throws IOException {
        this.work = work;
        this.packages = work.resolve("unpacked");
        this.staticPackage = work.resolve("unpacked-static");
        this.result = Files.createDirectories(work.resolve("result"));
        this.progress = progress;
    }

    /** Builds all three parts; answers which packages are in them. */
    List<String> run() throws IOException, InterruptedException {
        Ext4.requirePrograms();
        List<String> versions = fetch();
        progress.accept("tiny image: making kernel and ramdisk");
        var modules = new KernelModules(packages);
        kernel();
        ramdisk(modules);
        progress.accept("tiny image: making the root file system");
        Path root = work.resolve("root");
        new RootTree(packages, staticPackage, root)
                .fill(modules.withDependencies(Stream.of(VIRTIO, List.of("e1000"), BUTTON)
                        .flatMap(List::stream)
                        .toList()));
        Ext4.make(root, result.resolve(ROOT));
        return versions;
    }

    private List<String> fetch() throws IOException, InterruptedException {
        var debian = new DebianPackages(Files.createDirectories(work.resolve("debian")));
        progress.accept("tiny image: fetching Debian packages");
        try {
            return fetch(debian);
        } catch (IOException e) {
            progress.accept(
                    "tiny image: the host's package lists do not serve (" + e.getMessage() + "); fetching new ones");
            debian.fetchLists();
            return fetch(debian);
        }
    }

    private List<String> fetch(DebianPackages debian) throws IOException, InterruptedException {
        var names = new TreeSet<>(debian.libraries(LINKED));
        names.addAll(LINKED);
        names.addAll(ALONE);
        // The package of that name only depends on today's kernel.
        debian.dependencies(KERNEL_PACKAGE).stream()
                .filter(name -> name.startsWith("linux-image-"))
                .forEach(names::add);
        List<String> versions = new ArrayList<>(debian.unpack(names, packages));
        // Two packages have a /bin/busybox.
        versions.addAll(debian.unpack(Set.of("busybox-static"), staticPackage));
        return versions;
    }

    private void kernel() throws IOException {
        try (Stream<Path> boot = Files.list(packages.resolve("boot"))) {
            Path kernel = boot.filter(file -> file.getFileName().toString().startsWith("vmlinuz-"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no kernel in the package " + KERNEL_PACKAGE));
            Files.copy(kernel, result.resolve(KERNEL), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void ramdisk(KernelModules modules) throws IOException, InterruptedException {
        try (var archive = new CpioArchive(new GZIPOutputStream(Files.newOutputStream(result.resolve(RAMDISK))))) {
            for (String directory : List.of("bin", "dev", "proc", "sys", "root", "modules")) {
                archive.directory(directory);
            }
            // The kernel opens it as the input and output of /init, before that can make any.
            archive.characterDevice("dev/console", 5, 1);
            archive.program("init", TinyImage.resource("ramdisk-init.sh"));
            archive.program("bin/busybox", Files.readAllBytes(staticPackage.resolve("bin/busybox")));
            for (String applet : List.of(
                    "sh", "mount", "umount", "insmod", "cat", "grep", "findfs", "usleep", "ls", "tr", "switch_root")) {
                archive.link("bin/" + applet, "busybox");
            }
            var written = new ArrayList<String>();
            modules(archive, "virtio.order", modules.withDependencies(VIRTIO), written);
            modules(archive, "ide.order", modules.withDependencies(IDE), written);
        }
    }

    private static void modules(CpioArchive archive, String order, Map<String, byte[]> modules, List<String> written)
            throws IOException {
        for (Map.Entry<String, byte[]> module : modules.entrySet()) {
            if (!written.contains(module.getKey())) {
                archive.file("modules/" + module.getKey(), module.getValue());
                written.add(module.getKey());
            }
        }
        archive.file("modules/" + order, lines(modules.keySet()));
    }

    static byte[] lines(Iterable<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
