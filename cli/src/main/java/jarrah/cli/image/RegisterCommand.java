package jarrah.cli.image;

import jarrah.cli.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jarrah image register}: an uploaded bundle, or a snapshot, gets an image id. */
@Command(
        name = "register",
        description = "Register a bundle in a bucket, or a snapshot, as an image.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image register my-bucket/image.manifest.xml -n my-image -a x86_64",
            "  jarrah image register -n from-snapshot -s snap-0123456789abcdef0 --virtualization-type hvm",
            "",
            "Historical names: ec2-register, euca-register. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class RegisterCommand implements Callable<Integer> {
    private static final String SUFFIX = ".manifest.xml";

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private HistoricalFlags flags = new HistoricalFlags();

    @Mixin
    private Place place = new Place();

    @Parameters(
            arity = "0..1",
            paramLabel = "MANIFEST",
            description = "Where the manifest lies: BUCKET/[PREFIX/]NAME.manifest.xml.")
    private @Nullable String manifest;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "Name of the image (default: the manifest's).")
    private @Nullable String name;

    @Option(
            names = {"-d", "--description"},
            paramLabel = "TEXT",
            description = "Description of the image.")
    private @Nullable String description;

    @Option(
            names = {"-a", "--architecture"},
            paramLabel = "ARCH",
            description = "i386, x86_64 and others (default: the manifest's).")
    private @Nullable String architecture;

    @Option(names = "--kernel", paramLabel = "ID", description = "Kernel to boot.")
    private @Nullable String kernel;

    @Option(names = "--ramdisk", paramLabel = "ID", description = "Ramdisk to boot.")
    private @Nullable String ramdisk;

    @Option(
            names = "--root-device-name",
            paramLabel = "DEVICE",
            description = "Device of the root disk (default with -s: /dev/sda1).")
    private @Nullable String rootDevice;

    @Option(
            names = {"-s", "--snapshot"},
            paramLabel = "ID",
            description = "Snapshot of the root disk.")
    private @Nullable String snapshot;

    @Option(
            names = {"-b", "--block-device-mapping"},
            paramLabel = "DEVICE=MAPPED",
            description = "MAPPED: none, ephemeral0..., or SNAPSHOT:GIB:DELETE:TYPE, any of which may be left out.")
    private List<String> mappings = new ArrayList<>();

    @Option(names = "--virtualization-type", paramLabel = "TYPE", description = "paravirtual or hvm.")
    private @Nullable String virtualization;

    RegisterCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        if (manifest == null && snapshot == null && mappings.isEmpty()) {
            throw wrong("give the manifest's place, BUCKET/NAME" + SUFFIX + ", or a snapshot with -s");
        }
        Map<String, String> parameters = parameters();
        try (Ec2Client ec2 =
                place.ec2(around, place.region(around), place.credentials().key(around, null, null))) {
            String id = ec2.registerImage(parameters);
            Objects.requireNonNull(spec).commandLine().getOut().println("IMAGE\t" + id);
        }
        return 0;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private Map<String, String> parameters() {
        var parameters = new LinkedHashMap<String, String>();
        put(parameters, "ImageLocation", manifest);
        put(parameters, "Name", imageName());
        put(parameters, "Description", description);
        put(parameters, "Architecture", architecture);
        put(parameters, "KernelId", kernel);
        put(parameters, "RamdiskId", ramdisk);
        put(parameters, "VirtualizationType", virtualization);
        String root = rootDevice == null && snapshot != null ? "/dev/sda1" : rootDevice;
        put(parameters, "RootDeviceName", root);
        int index = 1;
        if (snapshot != null) {
            put(parameters, "BlockDeviceMapping.1.DeviceName", root);
            put(parameters, "BlockDeviceMapping.1.Ebs.SnapshotId", snapshot);
            index++;
        }
        for (String mapping : mappings) {
            putMapping(parameters, "BlockDeviceMapping." + index++ + ".", mapping);
        }
        return parameters;
    }

    private String imageName() {
        if (name != null) {
            return name;
        }
        if (manifest == null) {
            throw wrong("an image from a snapshot needs a name: -n");
        }
        String file = manifest.substring(manifest.lastIndexOf('/') + 1);
        return file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    }

    /** {@code /dev/sdb=ephemeral0}, {@code /dev/sdc=none}, {@code /dev/sda1=snap-1:8:true:standard}. */
    private void putMapping(Map<String, String> parameters, String prefix, String mapping) {
        int equals = mapping.indexOf('=');
        if (equals < 1) {
            throw wrong("a block device mapping is DEVICE=MAPPED: " + mapping);
        }
        String mapped = mapping.substring(equals + 1);
        parameters.put(prefix + "DeviceName", mapping.substring(0, equals));
        if (mapped.equals("none")) {
            parameters.put(prefix + "NoDevice", "true");
        } else if (mapped.startsWith("ephemeral")) {
            parameters.put(prefix + "VirtualName", mapped);
        } else {
            String[] fields = mapped.split(":", -1);
            String[] names = {"SnapshotId", "VolumeSize", "DeleteOnTermination", "VolumeType"};
            if (fields.length > names.length) {
                throw wrong("a volume is SNAPSHOT:GIB:DELETE:TYPE: " + mapped);
            }
            for (int i = 0; i < fields.length; i++) {
                put(parameters, prefix + "Ebs." + names[i], fields[i]);
            }
        }
    }

    private static void put(Map<String, String> parameters, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            parameters.put(name, value);
        }
    }
}
