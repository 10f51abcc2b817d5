package jarrah.server;

import jarrah.aws.AwsException;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Image;
import jarrah.ec2.compute.Imports;
import jarrah.http.Exchange;
import jarrah.images.tiny.TinyImage;
import jarrah.machine.CopyProgress;
import jarrah.machine.DeviceProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Images of files of this host, for the admin API.
 *
 * @param cache where the tiny image is built and kept
 */
record ImageAdmin(Compute compute, Path cache) {
    private static final Logger LOG = LoggerFactory.getLogger(ImageAdmin.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> TYPES = Set.of("machine", "kernel", "ramdisk");

    /**
     * {@code {file, name, type, ebs?, kernel?, ramdisk?, profile?, architecture?, public?}}; answers with lines, {@code
     * progress} with its {@code percent}, and {@code done} with the image. When nobody listens any more the copy ends, and
     * nothing is left of it.
     */
    void add(Exchange exchange, String accountId, JsonNode request) throws IOException {
        try (var lines = new LineStream(exchange)) {
            try {
                ObjectNode image = add(
                        accountId,
                        request,
                        percent ->
                                lines.write("progress", JSON.createObjectNode().put("percent", percent)));
                lines.write("done", image);
            } catch (AwsException e) {
                if (!lines.begun()) {
                    throw e;
                }
                lines.write("failed", JSON.createObjectNode().put("message", e.text()));
            } catch (IOException e) {
                LOG.info("an import ended: {}", e.getMessage());
                lines.write("failed", JSON.createObjectNode().put("message", String.valueOf(e.getMessage())));
            }
        }
    }

    private ObjectNode add(String accountId, JsonNode request, CopyProgress progress) throws IOException {
        Path file = Path.of(request.path("file").asString(""));
        if (!file.isAbsolute() || !Files.isRegularFile(file)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("There is no file " + file + ".");
        }
        String type = request.path("type").asString("machine");
        if (!TYPES.contains(type)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Unknown type " + type + ": machine, kernel or ramdisk.");
        }
        boolean ebs = request.path("ebs").asBoolean(false);
        if (ebs && !type.equals("machine")) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because("A " + type + " has no volume.");
        }
        Image image = compute.imports()
                .add(
                        accountId,
                        new Imports.Source(
                                file,
                                type,
                                request.path("name").asString(""),
                                request.path("description").asString(""),
                                request.path("architecture").asString("x86_64"),
                                text(request, "kernel"),
                                text(request, "ramdisk"),
                                ebs,
                                text(request, "profile").map(ImageAdmin::profile),
                                request.path("public").asBoolean(false)),
                        progress);
        return answer(image);
    }

    private static DeviceProfile profile(String name) {
        try {
            return DeviceProfile.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "Unknown device profile " + name + ": nitro, virtio, legacy or ide.");
        }
    }

    private static Optional<String> text(JsonNode request, String name) {
        String value = request.path(name).asString("");
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private static ObjectNode answer(Image image) {
        ObjectNode node = JSON.createObjectNode().put("imageId", image.id()).put("name", image.name());
        image.kernelId().ifPresent(id -> node.put("kernelId", id));
        image.ramdiskId().ifPresent(id -> node.put("ramdiskId", id));
        image.mappings().stream()
                .flatMap(mapping -> mapping.ebs().flatMap(Image.Ebs::snapshotId).stream())
                .findFirst()
                .ifPresent(id -> node.put("snapshotId", id));
        return node;
    }

    /** The tiny image, built if it is not there: public kernel, ramdisk and machine image. Again, it answers the same. */
    ObjectNode tiny(String accountId, boolean ebs) throws IOException, InterruptedException {
        synchronized (ImageAdmin.class) { // one build at a time, and each part registered once
            return tinyOnce(accountId, ebs);
        }
    }

    private ObjectNode tinyOnce(String accountId, boolean ebs) throws IOException, InterruptedException {
        TinyImage tiny = TinyImage.build(cache, LOG::info);
        String name = "tiny-" + tiny.version();
        Image kernel = once(accountId, source(tiny.kernel(), "kernel", "vmlinuz-" + name, false));
        Image ramdisk = once(accountId, source(tiny.ramdisk(), "ramdisk", "initrd-" + name, false));
        Imports.Source root = source(tiny.rootFileSystem(), "machine", ebs ? name + "-ebs" : name, ebs);
        return answer(once(
                accountId,
                new Imports.Source(
                        root.file(),
                        root.type(),
                        root.name(),
                        "A machine of a few megabytes: busybox and an SSH server",
                        root.architecture(),
                        Optional.of(kernel.id()),
                        Optional.of(ramdisk.id()),
                        ebs,
                        Optional.of(DeviceProfile.VIRTIO),
                        true)));
    }

    private static Imports.Source source(Path file, String type, String name, boolean ebs) {
        return new Imports.Source(
                file,
                type,
                name,
                "Part of the tiny image",
                "x86_64",
                Optional.empty(),
                Optional.empty(),
                ebs,
                Optional.of(DeviceProfile.VIRTIO),
                true);
    }

    private Image once(String accountId, Imports.Source source) throws IOException {
        List<Image> there = compute.images().list(accountId).stream()
                .filter(image ->
                        image.ownerId().equals(accountId) && image.name().equals(source.name()))
                .toList();
        return there.isEmpty() ? compute.imports().add(accountId, source) : there.getFirst();
    }
}
