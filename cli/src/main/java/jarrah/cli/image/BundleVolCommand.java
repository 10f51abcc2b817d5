package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.images.volume.VolumeImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jarrah image bundle-vol}, once {@code ec2-bundle-vol}: the file system of a running machine becomes a bundle. */
@Command(
        name = "bundle-vol",
        description = "Copy a mounted file system, such as the running root, into an image, and bundle that. For root.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image bundle-vol -d /mnt -e /mnt,/srv/cache -s 4096 -r x86_64",
            "  jarrah image bundle-vol -d /mnt --no-filter --generate-fstab",
            "  jarrah image bundle-vol -v /srv/root -d /mnt --clone-only",
            "",
            "Needs mount with loop devices, tar and mkfs. From outside: jarrah image bundle INSTANCE.",
            "Historical names: ec2-bundle-vol, euca-bundle-vol. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class BundleVolCommand implements Callable<Integer> {
    private static final long MAX_MEBIBYTES = 10_240;

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private BundleOptions options;

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "DIR",
            description = "The root of what is copied (default: ${DEFAULT-VALUE}).")
    private Path volume = Path.of("/");

    @Option(
            names = {"-s", "--size"},
            paramLabel = "MB",
            description = "Size of the image (default: ${DEFAULT-VALUE}).")
    private long mebibytes = MAX_MEBIBYTES;

    @Option(
            names = {"-e", "--exclude"},
            paramLabel = "DIR",
            split = ",",
            description = "Directories that stay empty, beside /dev, /media, /mnt, /proc and /sys.")
    private List<Path> excluded = new ArrayList<>();

    @Option(
            names = {"-i", "--include"},
            paramLabel = "FILE",
            split = ",",
            description = "Files that come along although the filter leaves them out.")
    private List<Path> included = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Other file systems that are mounted there too.")
    private boolean everything;

    @Option(
            names = "--no-filter",
            negatable = false,
            description = "Keep keys, backups and histories, which are left out otherwise: *.pem, *id_rsa*, *~ ...")
    private boolean noFilter;

    @Option(names = "--fstab", paramLabel = "FILE", description = "Put this in the place of /etc/fstab.")
    private @Nullable Path fstab;

    @Option(names = "--generate-fstab", description = "Write an /etc/fstab with the root alone.")
    private boolean generateFstab;

    @Option(names = "--grub-config", paramLabel = "FILE", description = "Put this in the place of /boot/grub/menu.lst.")
    private @Nullable Path grubConfig;

    @Option(
            names = {"-P", "--partition"},
            paramLabel = "KIND",
            description = "none; images with a partition table (mbr, gpt) are made from outside.")
    private String partition = "none";

    @Option(
            names = {"-S", "--script"},
            paramLabel = "FILE",
            description = "Run this with the image's mount point at the end.")
    private @Nullable Path script;

    @Option(names = "--clone-only", description = "Leave the image in the destination, and do not bundle it.")
    private boolean cloneOnly;

    @Option(
            names = "--no-inherit",
            description = "Take kernel, ramdisk, product codes and block devices not from the instance's metadata.")
    private boolean noInherit;

    @Option(names = "--inherit", hidden = true, description = "Take them from there; so by default.")
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private boolean inherit;

    BundleVolCommand(Surroundings around) {
        this.around = around;
        options = new BundleOptions(around);
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = command().commandLine().getOut();
        VolumeImage.Request request = request();
        Bundling bundling = cloneOnly ? null : options.bundling(out, "image", inherited());
        try (VolumeImage copy = VolumeImage.begin(request)) {
            var interrupted = new Thread(() -> close(copy));
            Runtime.getRuntime().addShutdownHook(interrupted);
            try {
                out.println("Copying " + volume + " into the image file " + options.name("image") + "...");
                out.println("Excluding:");
                copy.excluded().forEach(path -> out.println("  " + path));
                out.flush();
                Path image;
                try (var line = new ProgressLine(command().commandLine().getErr(), around.terminal(), "Copying")) {
                    image = copy.make(line);
                }
                if (bundling == null) {
                    Path kept = options.destination().resolve(options.name("image"));
                    Files.move(image, kept, StandardCopyOption.REPLACE_EXISTING);
                    out.println("The image is " + kept);
                } else {
                    bundling.bundle(image, out);
                }
            } finally {
                removeHook(interrupted);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
        return 0;
    }

    private static void close(VolumeImage copy) {
        try {
            copy.close();
        } catch (IOException e) {
            System.err.println("what was mounted is still there: " + e.getMessage());
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it is what ends us
        }
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private VolumeImage.Request request() throws IOException {
        if (!partition.equals("none")) {
            throw wrong("an image with a partition table is not made from inside; from outside:"
                    + " jarrah image bundle INSTANCE");
        }
        if (mebibytes < 16 || (options.sizeChecks() && mebibytes > MAX_MEBIBYTES)) {
            throw wrong("the size is 16 to " + MAX_MEBIBYTES + " MB (--no-size-checks allows more): " + mebibytes);
        }
        if (fstab != null && generateFstab) {
            throw wrong("give --fstab FILE or --generate-fstab, not both");
        }
        for (Path file : new @Nullable Path[] {fstab, grubConfig, script}) {
            if (file != null && !Files.isReadable(file)) {
                throw new CommandFailed("there is no file " + file);
            }
        }
        for (Path path : excluded) {
            if (!path.isAbsolute()) {
                throw wrong("what is excluded is given by an absolute path: " + path);
            }
        }
        if (!Files.isDirectory(options.destination())) {
            throw new CommandFailed("there is no directory " + options.destination());
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new CommandFailed("only root can copy a whole file system");
        }
        return new VolumeImage.Request(
                volume.toRealPath(),
                options.destination().toRealPath(),
                mebibytes,
                excluded.stream().map(Path::normalize).toList(),
                noFilter ? List.of() : VolumeImage.FILTER,
                included.stream().map(path -> path.toAbsolutePath().normalize()).toList(),
                everything,
                Optional.ofNullable(fstab),
                generateFstab,
                Optional.ofNullable(grubConfig),
                Optional.ofNullable(script));
    }

    private BundleOptions.Inherited inherited() {
        if (noInherit) {
            return BundleOptions.Inherited.NOTHING;
        }
        return InstanceMetadata.read(around).orElseGet(() -> {
            PrintWriter err = command().commandLine().getErr();
            err.println("there is no metadata service: kernel, ramdisk and block devices are not taken over");
            err.flush();
            return BundleOptions.Inherited.NOTHING;
        });
    }
}
