package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.DataDirectoryOption;
import jarrah.cli.SocketAdminClient;
import jarrah.cli.Surroundings;
import jarrah.images.disk.CloudTarball;
import jarrah.images.disk.DiskImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah image import}: a disk image of this host becomes an image of the region. */
@Command(
        name = "import",
        description = "Copy a disk image of this host into the region and register it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image import debian-12.qcow2 --name debian-12 --ebs",
            "  jarrah image import vmlinuz --name my-kernel --type kernel",
            "  jarrah image import root.img --name my-root --kernel aki-0123456789abcdef0 --ramdisk ari-0123456789abcdef0",
            "  jarrah image import precise-server-cloudimg-amd64.tar.gz --name precise",
            "",
            "FILE is raw or qcow2, or the historical cloud image archive: its loader, kernel and root image become",
            "ramdisk, kernel and machine image. The file stays what it is. Ctrl-C ends the copy and leaves nothing.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class ImportCommand implements Callable<Integer> {
    /** What an archive may hold: those of the years had 2 GiB images. */
    private static final long MAX_ARCHIVE_BYTES = 64L << 30;

    private static final JsonMapper JSON = new JsonMapper();

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Parameters(paramLabel = "FILE", description = "The disk image, kernel or ramdisk.")
    private Path file = Path.of("");

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the image (default: the file's).")
    private @Nullable String name;

    @Option(names = "--description", paramLabel = "TEXT", description = "Description of the image.")
    private @Nullable String description;

    @Option(names = "--type", paramLabel = "TYPE", description = "machine (default), kernel or ramdisk.")
    private @Nullable String type;

    @Option(names = "--ebs", description = "Begin with a snapshot: instances have a volume as root and can be stopped.")
    private boolean ebs;

    @Option(names = "--kernel", paramLabel = "ID", description = "Kernel to start directly.")
    private @Nullable String kernel;

    @Option(names = "--ramdisk", paramLabel = "ID", description = "Ramdisk for that kernel.")
    private @Nullable String ramdisk;

    @Option(
            names = "--device-profile",
            paramLabel = "PROFILE",
            description =
                    "Devices of its machines: nitro (NVMe; the default), virtio (the default with a kernel), legacy, ide.")
    private @Nullable String profile;

    @Option(names = "--public", description = "Let every account launch it.")
    private boolean isPublic;

    @Option(names = "--account", paramLabel = "NAME", description = "Who owns it (default: the first account).")
    private @Nullable String account;

    @Option(names = "--quiet", description = "Print the machine image's id alone.")
    private boolean quiet;

    ImportCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed("there is no file " + file);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        String base = name == null ? nameOf(file) : name;
        JsonNode image = DiskImage.inspect(file).format() == DiskImage.Format.TAR_GZIP
                ? importArchive(base, out)
                : send(file, base, type == null ? "machine" : type, kernel, ramdisk, out);
        print(out, image, quiet);
        return 0;
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName()).replaceFirst("\\.(tar\\.gz|tgz|img|raw|qcow2)$", "");
    }

    private JsonNode importArchive(String base, PrintWriter out) throws IOException {
        Path directory = Files.createTempDirectory("jarrah-import-");
        try {
            say(out, "Unpacking " + file + " ...");
            CloudTarball parts = CloudTarball.unpack(file, directory, MAX_ARCHIVE_BYTES);
            String kernelId = kernel;
            if (parts.kernel().isPresent()) {
                kernelId = id(send(parts.kernel().get(), base + "-kernel", "kernel", null, null, out));
            }
            String ramdiskId = ramdisk;
            if (parts.ramdisk().isPresent()) {
                ramdiskId = id(send(parts.ramdisk().get(), base + "-ramdisk", "ramdisk", null, null, out));
            }
            return send(parts.machineImage(), base, "machine", kernelId, ramdiskId, out);
        } finally {
            try (var paths = Files.walk(directory)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static String id(JsonNode image) {
        return image.path("imageId").asString("");
    }

    private JsonNode send(
            Path source,
            String imageName,
            String imageType,
            @Nullable String kernelId,
            @Nullable String ramdiskId,
            PrintWriter out) {
        say(
                out,
                "Importing " + source.getFileName() + " (" + Math.max(1, size(source) >> 20) + " MiB) as " + imageName
                        + " ...");
        ObjectNode request = JSON.createObjectNode()
                .put("file", source.toAbsolutePath().normalize().toString())
                .put("name", imageName)
                .put("type", imageType)
                .put("ebs", ebs && imageType.equals("machine"))
                .put("public", isPublic);
        put(request, "description", description);
        put(request, "kernel", kernelId);
        put(request, "ramdisk", ramdiskId);
        put(request, "profile", profile);
        put(request, "account", account);
        JsonNode[] image = new JsonNode[1];
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        try (var progress = new ProgressLine(err, around.terminal() && !quiet, "Importing")) {
            new SocketAdminClient(data.directory()).lines("POST", "/images", request, line -> {
                progress.at(line.path("progress").path("percent").asLong(0), 100);
                image[0] = line.path("done");
            });
        }
        return image[0];
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new CommandFailed("cannot read " + file);
        }
    }

    private void say(PrintWriter out, String line) {
        if (!quiet) {
            out.println(line);
            out.flush();
        }
    }

    private static void put(ObjectNode request, String key, @Nullable String value) {
        if (value != null) {
            request.put(key, value);
        }
    }

    /** As the historical tools print an image, with what belongs to it. */
    static void print(PrintWriter out, JsonNode image, boolean idOnly) {
        if (idOnly) {
            out.println(id(image));
            return;
        }
        out.printf("IMAGE\t%s\t%s%n", id(image), image.path("name").asString(""));
        for (String[] part :
                new String[][] {{"kernelId", "KERNEL"}, {"ramdiskId", "RAMDISK"}, {"snapshotId", "SNAPSHOT"}}) {
            String value = image.path(part[0]).asString("");
            if (!value.isEmpty()) {
                out.printf("%s\t%s%n", part[1], value);
            }
        }
    }
}
