package jarrah.ec2.compute;

import jarrah.iam.Certificates;
import jarrah.iam.Principal;
import jarrah.images.bundle.ImageException;
import jarrah.images.bundle.ImageType;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestSignature;
import jarrah.machine.DeviceProfile;
import jarrah.storage.Kv;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Images and snapshots: what is registered, by whom, and who may launch it. */
public final class Images {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9()\\[\\] ./\\-'@_]{3,128}");
    private static final Set<String> ARCHITECTURES = Set.of("x86_64", "i386");
    private static final Set<String> VOLUME_TYPES = Set.of("standard", "gp2", "gp3", "io1", "io2", "st1", "sc1");
    private static final Pattern EPHEMERAL = Pattern.compile("ephemeral(?:[0-9]|1[0-9]|2[0-3])");
    private static final Pattern DEVICE = Pattern.compile("(?:/dev/)?(?:sd|xvd|hd|vd)[a-z]{1,2}[0-9]{0,2}");
    /** The largest volume, GiB, as on AWS. */
    private static final int MAX_GIBIBYTES = 16_384;

    private final Records records;
    private final Tags tags;
    private final BucketReader buckets;
    private final Certificates certificates;
    private final ImageFiles files;

    Images(Records records, Tags tags, BucketReader buckets, Certificates certificates, ImageFiles files) {
        this.records = records;
        this.tags = tags;
        this.buckets = buckets;
        this.certificates = certificates;
        this.files = files;
    }

    /** The images that an account may launch. */
    public List<Image> list(String accountId) {
        return records.images.all(records.kv).stream()
                .filter(image -> image.launchableBy(accountId))
                .toList();
    }

    /** The images of these ids that the account may launch, or EC2's error for one that is not there. */
    public List<Image> require(String accountId, Collection<String> ids) {
        var found = new ArrayList<Image>();
        var missing = new TreeSet<String>();
        for (String id : new java.util.LinkedHashSet<>(ids)) {
            if (!Ids.wellFormed(id, "ami") && !Ids.wellFormed(id, "aki") && !Ids.wellFormed(id, "ari")) {
                throw Ec2Error.AMI_MALFORMED.because(
                        "Invalid id: \"" + id + "\" (expecting \"ami-...\", \"aki-...\" or \"ari-...\")");
            }
            Image image = records.images.get(records.kv, id);
            if (image == null || !image.launchableBy(accountId)) {
                missing.add(id);
            } else {
                found.add(image);
            }
        }
        if (!missing.isEmpty()) {
            throw missing(String.join(", ", missing));
        }
        return found;
    }

    private static Ec2Exception missing(String ids) {
        return Ec2Error.AMI_NOT_FOUND.because("The image id '[" + ids + "]' does not exist");
    }

    /** An image that a machine can be launched from now, or EC2's error. */
    Image launchable(String accountId, String id) {
        Image image = require(accountId, List.of(id)).getFirst();
        if (!image.type().equals("machine")) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "The image " + id + " is a " + image.type() + " and cannot be launched by itself.");
        }
        if (!image.state().equals("available")) {
            throw Ec2Error.AMI_UNAVAILABLE.because("The image ID '" + id + "' is not available: it is " + image.state()
                    + image.failure().map(why -> " (" + why + ")").orElse("") + ".");
        }
        return image;
    }

    /** A kernel or ramdisk that can be launched with, or the error given. */
    Image part(String accountId, String id, String type, Ec2Error notFound) {
        Image image = records.images.get(records.kv, id);
        if (image == null || !image.launchableBy(accountId) || !image.type().equals(type)) {
            throw notFound.because("The " + type + " ID '" + id + "' does not exist");
        }
        if (!image.state().equals("available")) {
            throw notFound.because("The " + type + " ID '" + id + "' is not available: it is " + image.state() + ".");
        }
        return image;
    }

    /** The image of an id, whoever may launch it; null if it is gone. */
    @Nullable
    Image find(String id) {
        return records.images.get(records.kv, id);
    }

    /** The snapshots of an account. */
    public List<Snapshot> snapshots(String accountId) {
        return records.snapshots.all(records.kv).stream()
                .filter(snapshot -> snapshot.accountId().equals(accountId))
                .toList();
    }

    /** A snapshot that a volume can be made from, or EC2's error. */
    Snapshot snapshot(String accountId, String id) {
        Ids.require(id, "snap", Ec2Error.SNAPSHOT_MALFORMED, "a snapshot");
        Snapshot snapshot = records.snapshots.get(records.kv, id);
        if (snapshot == null || !snapshot.accountId().equals(accountId)) {
            throw Ec2Error.SNAPSHOT_NOT_FOUND.because("The snapshot '" + id + "' does not exist.");
        }
        return snapshot;
    }

    /** Refuses a volume that cannot be made. The snapshot of a public image serves whoever may launch the image. */
    void checkEbs(String accountId, String device, Image.Ebs ebs) {
        if (!VOLUME_TYPES.contains(ebs.volumeType())) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid volume type: " + ebs.volumeType());
        }
        int smallest = 1;
        if (ebs.snapshotId().isPresent()) {
            Snapshot snapshot =
                    records.snapshots.get(records.kv, ebs.snapshotId().get());
            if (snapshot == null
                    || !(snapshot.accountId().equals(accountId) || sharedByImage(accountId, snapshot.id()))) {
                throw Ec2Error.SNAPSHOT_NOT_FOUND.because(
                        "The snapshot '" + ebs.snapshotId().get() + "' does not exist.");
            }
            smallest = snapshot.sizeGibibytes();
        }
        if (ebs.sizeGibibytes() < smallest || ebs.sizeGibibytes() > MAX_GIBIBYTES) {
            throw Ec2Error.BLOCK_DEVICE.because("Volume of size " + ebs.sizeGibibytes() + "GB for " + device
                    + " is out of range: " + smallest + " to " + MAX_GIBIBYTES + " GiB.");
        }
    }

    private boolean sharedByImage(String accountId, String snapshotId) {
        return list(accountId).stream().anyMatch(image -> mentions(image, snapshotId));
    }

    private static boolean mentions(Image image, String snapshotId) {
        return image.mappings().stream()
                .anyMatch(mapping -> mapping.ebs()
                        .flatMap(Image.Ebs::snapshotId)
                        .filter(snapshotId::equals)
                        .isPresent());
    }

    /** Refuses a mapping that no instance could be given. */
    public static Image.Mapping checked(Image.Mapping mapping) {
        if (!DEVICE.matcher(mapping.device()).matches()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Value (" + mapping.device()
                    + ") for parameter deviceName is invalid: not a device name like /dev/sdb.");
        }
        mapping.virtualName().ifPresent(name -> {
            if (!EPHEMERAL.matcher(name).matches()) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Value (" + name + ") for parameter virtualName is invalid: not ephemeral0 to ephemeral23.");
            }
        });
        return mapping;
    }

    /** Registers an image from a manifest in a bucket, or from a snapshot; answers when its files are there, or later. */
    public Image register(Principal.User caller, NewImage request) {
        String accountId = caller.accountId();
        check(accountId, request);
        if (request.location().isEmpty()) {
            return registerSnapshot(accountId, request);
        }
        String location = request.location().get();
        Manifest manifest = manifest(caller, location);
        Image image = ofManifest(caller, request, location, manifest);
        put(image, request.tags());
        files.unpack(image.id());
        return outcome(image);
    }

    /** Waits a moment for the files: a small image is available at once, and a bad one is refused instead of failing. */
    private Image outcome(Image image) {
        files.awaitSettled(image.id());
        Image now = records.images.get(records.kv, image.id());
        if (now != null && now.state().equals("failed")) {
            records.kv.transact(tx -> {
                records.images.delete(tx, image.id());
                tags.forget(tx, image.ownerId(), image.id());
                return null;
            });
            files.sweep();
            throw (now.failedHere() ? Ec2Error.INTERNAL : Ec2Error.MANIFEST)
                    .because(now.failure().orElse("The image cannot be unpacked."));
        }
        return now == null ? image : now;
    }

    /** All that can be checked without making anything. */
    public void check(String accountId, NewImage request) {
        request.architecture().ifPresent(architecture -> {
            if (!ARCHITECTURES.contains(architecture)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Invalid value '" + architecture + "' for architecture: i386 and x86_64 run here.");
            }
        });
        request.virtualization().ifPresent(kind -> {
            if (!kind.equals("hvm") && !kind.equals("paravirtual")) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid value '" + kind + "' for virtualizationType.");
            }
        });
        request.mappings().forEach(Images::checked);
        request.name().ifPresent(name -> checkName(accountId, name));
        request.kernelId()
                .filter(id -> !id.equals("true"))
                .ifPresent(id -> part(accountId, id, "kernel", Ec2Error.AKI_NOT_FOUND));
        request.ramdiskId()
                .filter(id -> !id.equals("true"))
                .ifPresent(id -> part(accountId, id, "ramdisk", Ec2Error.ARI_NOT_FOUND));
    }

    private void checkName(String accountId, String name) {
        if (!NAME.matcher(name).matches()) {
            throw Ec2Error.AMI_NAME_MALFORMED.because(
                    "AMI names must be between 3 and 128 characters long, and may contain letters, numbers,"
                            + " '(', ')', '.', '-', '/' and '_'");
        }
        records.images.all(records.kv).stream()
                .filter(image ->
                        image.ownerId().equals(accountId) && image.name().equals(name))
                .findFirst()
                .ifPresent(image -> {
                    throw duplicate(name, image);
                });
    }

    private static Ec2Exception duplicate(String name, Image image) {
        return Ec2Error.AMI_NAME_DUPLICATE.because("AMI name " + name + " is already in use by AMI " + image.id());
    }

    private void put(Image image, Map<String, String> initialTags) {
        records.kv.transact(tx -> {
            put(tx, image, initialTags);
            return null;
        });
    }

    private void put(Kv.Tx tx, Image image, Map<String, String> initialTags) {
        records.images.all(tx).stream()
                .filter(other ->
                        other.ownerId().equals(image.ownerId()) && other.name().equals(image.name()))
                .findFirst()
                .ifPresent(other -> {
                    throw duplicate(image.name(), other);
                });
        records.images.put(tx, image, image.id());
        tags.add(tx, image.ownerId(), image.id(), initialTags);
    }

    private Manifest manifest(Principal.User caller, String location) {
        int slash = location.indexOf('/');
        if (slash <= 0 || slash == location.length() - 1) {
            throw Ec2Error.MANIFEST.because("The location '" + location + "' is not BUCKET/KEY of a manifest.");
        }
        byte[] document = read(caller, location.substring(0, slash), location.substring(slash + 1));
        try {
            Manifest manifest = Manifest.parse(document);
            if (ManifestSignature.signer(document, certificates.signingCertificates(caller.accountId()))
                    .isEmpty()) {
                throw Ec2Error.MANIFEST.because(
                        "The manifest's signature is not by a signing certificate of this account: bundle with the"
                                + " certificate and private key of its credentials, or migrate the manifest.");
            }
            return manifest;
        } catch (ImageException e) {
            throw Ec2Error.MANIFEST.because(String.valueOf(e.getMessage()));
        }
    }

    private byte[] read(Principal.User caller, String bucket, String key) {
        try (InputStream in = buckets.open(caller.accessKeyId(), bucket, key)) {
            byte[] document = in.readNBytes(Manifest.MAX_BYTES + 1);
            if (document.length > Manifest.MAX_BYTES) {
                throw Ec2Error.MANIFEST.because("The manifest is longer than " + Manifest.MAX_BYTES + " bytes.");
            }
            return document;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Image ofManifest(Principal.User caller, NewImage request, String location, Manifest manifest) {
        String accountId = caller.accountId();
        String type = typeOf(manifest, request, location);
        boolean machine = type.equals("machine");
        Optional<String> kernel = machine
                ? request.kernelId()
                        .or(() -> known(accountId, manifest.machine().kernelId(), "kernel"))
                : Optional.empty();
        Optional<String> ramdisk = machine
                ? request.ramdiskId()
                        .or(() -> known(accountId, manifest.machine().ramdiskId(), "ramdisk"))
                : Optional.empty();
        String virtualization = request.virtualization().orElse(kernel.isPresent() ? "paravirtual" : "hvm");
        String architecture = request.architecture().orElse(manifest.machine().architecture());
        if (!ARCHITECTURES.contains(architecture)) {
            throw Ec2Error.MANIFEST.because("Images of the architecture " + architecture + " do not run here.");
        }
        String fileName = location.substring(location.lastIndexOf('/') + 1);
        String name = request.name().orElse(fileName.replaceAll("\\.manifest\\.xml$", ""));
        if (request.name().isEmpty()) {
            name = free(accountId, name.length() < 3 ? name + "-image" : name);
        }
        String prefix = switch (type) {
            case "kernel" -> "aki";
            case "ramdisk" -> "ari";
            default -> "ami";
        };
        return new Image(
                Ids.fresh(prefix),
                accountId,
                name,
                request.description(),
                location,
                Optional.of(caller.accessKeyId()),
                "pending",
                Optional.empty(),
                architecture,
                type,
                kernel,
                ramdisk,
                "instance-store",
                request.rootDeviceName().orElse(rootOf(manifest)),
                virtualization,
                machine ? mappings(accountId, request, manifest) : List.of(),
                false,
                Set.of(),
                request.enaSupport(),
                request.imdsSupport(),
                request.bootMode(),
                request.sriovNetSupport(),
                manifest.image().size(),
                false,
                request.profile().orElse(kernel.isPresent() ? DeviceProfile.VIRTIO : DeviceProfile.NITRO),
                records.clock.instant());
    }

    /** A name that was not given is the manifest's, with a number where it is taken. */
    private String free(String accountId, String name) {
        Set<String> taken = new TreeSet<>();
        records.images.all(records.kv).stream()
                .filter(image -> image.ownerId().equals(accountId))
                .forEach(image -> taken.add(image.name()));
        String candidate = name;
        for (int i = 2; taken.contains(candidate); i++) {
            candidate = name + "-" + i;
        }
        return candidate;
    }

    /** As Eucalyptus told them apart: by the manifest, by the word true in place of an id, by the file's name. */
    private static String typeOf(Manifest manifest, NewImage request, String location) {
        String fileName = location.substring(location.lastIndexOf('/') + 1);
        if (request.kernelId().filter("true"::equals).isPresent()) {
            return "kernel";
        }
        if (request.ramdiskId().filter("true"::equals).isPresent()) {
            return "ramdisk";
        }
        if (manifest.type() == ImageType.MACHINE) {
            return fileName.startsWith("vmlinuz") ? "kernel" : fileName.startsWith("initrd") ? "ramdisk" : "machine";
        }
        return manifest.type().word();
    }

    /** A kernel or ramdisk of another region means nothing here. */
    private Optional<String> known(String accountId, Optional<String> id, String type) {
        return id.filter(there -> {
            Image image = records.images.get(records.kv, there);
            return image != null
                    && image.launchableBy(accountId)
                    && image.type().equals(type);
        });
    }

    private static String rootOf(Manifest manifest) {
        return manifest.machine().blockDeviceMapping().stream()
                .filter(mapping -> mapping.virtual().equals("root"))
                .map(mapping -> device(mapping.device()))
                .findFirst()
                .orElse("/dev/sda1");
    }

    private static String device(String name) {
        return name.startsWith("/dev/") ? name : "/dev/" + name;
    }

    /** The manifest's ephemeral disks under those of the request; every instance store image gets the first at least. */
    private List<Image.Mapping> mappings(String accountId, NewImage request, Manifest manifest) {
        var byDevice = new LinkedHashMap<String, Image.Mapping>();
        for (Manifest.Mapping mapping : manifest.machine().blockDeviceMapping()) {
            if (EPHEMERAL.matcher(mapping.virtual()).matches()) {
                byDevice.put(device(mapping.device()), ephemeral(device(mapping.device()), mapping.virtual()));
            }
        }
        for (Image.Mapping mapping : request.mappings()) {
            Image.Mapping sized = sized(mapping);
            sized.ebs().ifPresent(ebs -> checkEbs(accountId, mapping.device(), ebs));
            byDevice.put(mapping.device(), sized);
        }
        if (byDevice.isEmpty()) {
            byDevice.put("/dev/sdb", ephemeral("/dev/sdb", "ephemeral0"));
        }
        return List.copyOf(byDevice.values());
    }

    static Image.Mapping ephemeral(String device, String virtualName) {
        return new Image.Mapping(device, Optional.of(virtualName), Optional.empty());
    }

    private Image registerSnapshot(String accountId, NewImage request) {
        if (request.name().isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter name");
        }
        String root = request.rootDeviceName().orElse("/dev/sda1");
        Image.Mapping mapping = request.mappings().stream()
                .filter(entry -> entry.device().equals(root))
                .findFirst()
                .orElseThrow(() -> Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                        "No image location, and no block device mapping for the root device " + root + "."));
        Image.Ebs ebs = mapping.ebs()
                .filter(volume -> volume.snapshotId().isPresent())
                .orElseThrow(() -> Ec2Error.BLOCK_DEVICE.because("The root device " + root + " has no snapshot."));
        Snapshot snapshot = snapshot(accountId, ebs.snapshotId().orElseThrow());
        if (!snapshot.state().equals("completed")) {
            throw Ec2Error.SNAPSHOT_NOT_FOUND.because(
                    "The snapshot '" + snapshot.id() + "' is not completed: it is " + snapshot.state() + ".");
        }
        List<Image.Mapping> sized = request.mappings().stream().map(this::sized).toList();
        sized.forEach(entry -> entry.ebs().ifPresent(volume -> checkEbs(accountId, entry.device(), volume)));
        Image image = ebsImage(accountId, request, root, sized, snapshot.partitioned());
        put(image, request.tags());
        return image;
    }

    /** An entry that names a snapshot and no size has the snapshot's; one that names no type has the default. */
    Image.Mapping sized(Image.Mapping mapping) {
        if (mapping.ebs().isEmpty()) {
            return mapping;
        }
        Image.Ebs ebs = mapping.ebs().get();
        int size = ebs.sizeGibibytes() > 0
                ? ebs.sizeGibibytes()
                : ebs.snapshotId()
                        .map(id -> records.snapshots.get(records.kv, id))
                        .map(Snapshot::sizeGibibytes)
                        .orElse(0);
        String type = ebs.volumeType().isEmpty() ? "standard" : ebs.volumeType();
        return new Image.Mapping(
                mapping.device(),
                Optional.empty(),
                Optional.of(new Image.Ebs(ebs.snapshotId(), size, type, ebs.deleteOnTermination())));
    }

    private Image ebsImage(
            String accountId, NewImage request, String root, List<Image.Mapping> mappings, boolean partitioned) {
        return new Image(
                Ids.fresh("ami"),
                accountId,
                request.name().orElseThrow(),
                request.description(),
                accountId + "/" + request.name().orElseThrow(),
                Optional.empty(),
                "available",
                Optional.empty(),
                request.architecture().orElse("x86_64"),
                "machine",
                request.kernelId(),
                request.ramdiskId(),
                "ebs",
                root,
                request.virtualization().orElse(request.kernelId().isPresent() ? "paravirtual" : "hvm"),
                mappings,
                false,
                Set.of(),
                request.enaSupport(),
                request.imdsSupport(),
                request.bootMode(),
                request.sriovNetSupport(),
                0,
                partitioned,
                request.profile().orElse(request.kernelId().isPresent() ? DeviceProfile.VIRTIO : DeviceProfile.NITRO),
                records.clock.instant());
    }

    /** Takes an image off the record; instances that run from it go on. */
    public void deregister(String accountId, String id) {
        Image image = require(accountId, List.of(id)).getFirst();
        if (!image.ownerId().equals(accountId)) {
            throw Ec2Error.UNAUTHORIZED.because("You are not authorized to perform this operation.");
        }
        records.kv.transact(tx -> {
            records.images.delete(tx, id);
            tags.forget(tx, accountId, id);
            return null;
        });
        files.sweep();
    }

    /** Changes who may launch an image. */
    public void launchPermission(
            String accountId, String id, Optional<Boolean> all, Collection<String> added, Collection<String> removed) {
        ownedBy(accountId, id);
        records.kv.transact(tx -> {
            Image there = records.images.get(tx, id);
            if (there != null) {
                var launchers = new TreeSet<String>(there.launchers());
                launchers.addAll(added);
                launchers.removeAll(removed);
                records.images.put(tx, there.launchable(all.orElse(there.isPublic()), launchers), id);
            }
            return null;
        });
    }

    /** Changes an image's description. */
    public void describe(String accountId, String id, String description) {
        ownedBy(accountId, id);
        records.kv.transact(tx -> {
            Image there = records.images.get(tx, id);
            if (there != null) {
                records.images.put(tx, there.described(description), id);
            }
            return null;
        });
    }

    /** The account's own image, or EC2's error. */
    public Image ownedBy(String accountId, String id) {
        Image image = require(accountId, List.of(id)).getFirst();
        if (!image.ownerId().equals(accountId)) {
            throw Ec2Error.UNAUTHORIZED.because("Not authorized for images:" + id);
        }
        return image;
    }

    /** Removes a snapshot that no image and no volume needs. */
    public void deleteSnapshot(String accountId, String id) {
        snapshot(accountId, id);
        records.kv.transact(tx -> {
            List<Image> users = records.images.all(tx).stream()
                    .filter(image -> mentions(image, id))
                    .toList();
            if (!users.isEmpty()) {
                throw Ec2Error.SNAPSHOT_IN_USE.because("The snapshot " + id + " is currently in use by "
                        + users.getFirst().id());
            }
            records.snapshots.delete(tx, id);
            tags.forget(tx, accountId, id);
            return null;
        });
        files.sweep();
    }

    /** Records an image whose files lie there already, with the snapshot that it begins with, if it is a new one. */
    void putImported(Image image, Optional<Snapshot> snapshot) {
        records.kv.transact(tx -> {
            put(tx, image, Map.of());
            snapshot.ifPresent(fresh -> records.snapshots.put(tx, fresh, fresh.id()));
            return null;
        });
    }

    /** Refuses a name that is malformed or taken. */
    void requireName(String accountId, String name) {
        checkName(accountId, name);
    }
}
