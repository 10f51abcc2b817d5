package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Image;
import jarrah.ec2.compute.Images;
import jarrah.ec2.compute.NewImage;
import jarrah.machine.DeviceProfile;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Images. */
final class ImageActions {
    /** A tag that chooses the devices of an image's machines, readable and settable by every client. */
    static final String PROFILE_TAG = "jarrah:device-profile";

    private final Compute compute;
    private final Images images;
    private final Page.Tokens tokens;
    private final Filters<Image> filters;

    ImageActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        images = compute.images();
        filters = new Filters<Image>(image -> compute.tags().of(image.ownerId(), image.id()))
                .by("image-id", Image::id)
                .by("name", Image::name)
                .by("description", Image::description)
                .by("architecture", Image::architecture)
                .by("image-type", Image::type)
                .by("is-public", image -> Boolean.toString(image.isPublic()))
                .by("manifest-location", Image::location)
                .by("owner-id", Image::ownerId)
                .by("state", Image::state)
                .by("root-device-type", Image::rootDeviceType)
                .by("root-device-name", Image::rootDeviceName)
                .by("virtualization-type", Image::virtualization)
                .by("hypervisor", _ -> "xen")
                .by("creation-date", image -> Ec2Call.time(image.created()))
                .byOptional("kernel-id", Image::kernelId)
                .byOptional("ramdisk-id", Image::ramdiskId)
                .byOptional("platform", _ -> Optional.empty())
                .byOptional("owner-alias", _ -> Optional.empty())
                .byOptional("ena-support", image -> image.enaSupport().map(String::valueOf))
                .byAny(
                        "block-device-mapping.device-name",
                        image -> image.mappings().stream()
                                .map(Image.Mapping::device)
                                .toList())
                .byAny(
                        "block-device-mapping.snapshot-id",
                        image -> image.mappings().stream()
                                .flatMap(mapping -> mapping.ebs().flatMap(Image.Ebs::snapshotId).stream())
                                .toList())
                .byAny(
                        "block-device-mapping.volume-type",
                        image -> image.mappings().stream()
                                .flatMap(mapping -> mapping.ebs().map(Image.Ebs::volumeType).stream())
                                .toList());
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("RegisterImage", this::register);
        actions.put("DescribeImages", this::describe);
        actions.put("DeregisterImage", this::deregister);
        actions.put("DescribeImageAttribute", this::attribute);
        actions.put("ModifyImageAttribute", this::modify);
    }

    private byte[] register(Ec2Call call) {
        Map<String, String> tags = call.tags("image", Map.of("image", true, "snapshot", true));
        var request = new NewImage(
                call.optional("ImageLocation"),
                call.optional("Name"),
                call.optional("Description").orElse(""),
                call.optional("Architecture"),
                call.optional("KernelId"),
                call.optional("RamdiskId"),
                call.optional("RootDeviceName"),
                call.optional("VirtualizationType"),
                Mappings.read(call),
                call.flag("EnaSupport"),
                call.optional("ImdsSupport"),
                call.optional("BootMode"),
                call.optional("SriovNetSupport"),
                profile(tags),
                tags);
        images.check(call.accountId(), request);
        call.endOfDryRun();
        Image image = images.register(call.caller(), request);
        return call.answer(xml -> xml.text("imageId", image.id()));
    }

    private static Optional<DeviceProfile> profile(Map<String, String> tags) {
        return Optional.ofNullable(tags.get(PROFILE_TAG)).map(name -> {
            try {
                return DeviceProfile.valueOf(name.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Invalid value '" + name + "' of the tag " + PROFILE_TAG + ": nitro, virtio, legacy or ide.");
            }
        });
    }

    private byte[] describe(Ec2Call call) {
        List<String> ids = call.list("ImageId");
        Set<String> owners = new HashSet<>(call.list("Owner"));
        List<String> launchers = call.list("ExecutableBy");
        List<Image> all = ids.isEmpty() ? images.list(call.accountId()) : images.require(call.accountId(), ids);
        call.endOfDryRun();
        List<Image> fitting = filters.apply(call, all).stream()
                .filter(image -> owners.isEmpty()
                        || owners.contains(image.ownerId())
                        || (owners.contains("self") && image.ownerId().equals(call.accountId())))
                .filter(image -> launchers.isEmpty()
                        || (launchers.contains("all") && image.isPublic())
                        || (launchers.contains("self") && image.launchers().contains(call.accountId()))
                        || launchers.stream().anyMatch(image.launchers()::contains))
                .toList();
        var page = Page.of(call, tokens, fitting, Image::id, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "imagesSet", page.items(), image -> image(xml, image));
            page.writeNext(xml);
        });
    }

    private void image(XmlWriter xml, Image image) {
        xml.text("imageId", image.id())
                .text("imageLocation", image.location())
                .text("imageState", image.state())
                .text("imageOwnerId", image.ownerId())
                .text("isPublic", image.isPublic())
                .text("architecture", image.architecture())
                .text("imageType", image.type())
                .text("name", image.name());
        Ec2Call.maybe(xml, "kernelId", image.kernelId());
        Ec2Call.maybe(xml, "ramdiskId", image.ramdiskId());
        if (!image.description().isEmpty()) {
            xml.text("description", image.description());
        }
        image.failure()
                .ifPresent(why -> xml.start("stateReason")
                        .text("code", image.failedHere() ? "Server.InternalError" : "Client.InvalidManifest")
                        .text("message", why)
                        .end());
        if (image.type().equals("machine")) {
            xml.text("rootDeviceType", image.rootDeviceType()).text("rootDeviceName", image.rootDeviceName());
            Mappings.write(xml, image.mappings());
            xml.text("virtualizationType", image.virtualization());
        }
        xml.text("hypervisor", "xen").text("creationDate", Ec2Call.time(image.created()));
        image.enaSupport().ifPresent(ena -> xml.text("enaSupport", ena));
        Ec2Call.maybe(xml, "sriovNetSupport", image.sriovNetSupport());
        Ec2Call.maybe(xml, "bootMode", image.bootMode());
        Ec2Call.maybe(xml, "imdsSupport", image.imdsSupport());
        Ec2Call.tagSet(xml, compute.tags().of(image.ownerId(), image.id()));
    }

    private byte[] deregister(Ec2Call call) {
        String id = call.text("ImageId");
        images.ownedBy(call.accountId(), id);
        call.endOfDryRun();
        images.deregister(call.accountId(), id);
        return call.done();
    }

    private byte[] attribute(Ec2Call call) {
        Image image = images.ownedBy(call.accountId(), call.text("ImageId"));
        String attribute = call.text("Attribute");
        call.endOfDryRun();
        return call.answer(xml -> {
            xml.text("imageId", image.id());
            switch (attribute) {
                case "launchPermission" -> {
                    xml.start("launchPermission");
                    if (image.isPublic()) {
                        xml.start("item").text("group", "all").end();
                    }
                    image.launchers()
                            .forEach(account ->
                                    xml.start("item").text("userId", account).end());
                    xml.end();
                }
                case "description" ->
                    xml.start("description").text("value", image.description()).end();
                case "kernel" -> value(xml, "kernel", image.kernelId());
                case "ramdisk" -> value(xml, "ramdisk", image.ramdiskId());
                case "blockDeviceMapping" -> Mappings.write(xml, image.mappings());
                case "bootMode" -> value(xml, "bootMode", image.bootMode());
                case "imdsSupport" -> value(xml, "imdsSupport", image.imdsSupport());
                case "sriovNetSupport" -> value(xml, "sriovNetSupport", image.sriovNetSupport());
                case "productCodes" -> xml.start("productCodes").end();
                default ->
                    throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                            "Value (" + attribute + ") for parameter attribute is invalid. Unknown attribute.");
            }
        });
    }

    private static void value(XmlWriter xml, String name, Optional<String> value) {
        xml.start(name);
        Ec2Call.maybe(xml, "value", value);
        xml.end();
    }

    private byte[] modify(Ec2Call call) {
        String id = call.text("ImageId");
        images.ownedBy(call.accountId(), id);
        Optional<String> description = call.structure("Description")
                .map(value -> value.optional("Value").orElse(""));
        var added = new HashSet<String>(call.list("UserId"));
        var removed = new HashSet<String>();
        Optional<Boolean> all = Optional.empty();
        if (call.optional("OperationType").filter("remove"::equals).isPresent()) {
            removed.addAll(added);
            added.clear();
            all = call.list("UserGroup").contains("all") ? Optional.of(false) : all;
        } else if (call.list("UserGroup").contains("all")) {
            all = Optional.of(true);
        }
        for (Ec2Call entry : call.structures("LaunchPermission.Add")) {
            entry.optional("UserId").ifPresent(added::add);
            all = entry.optional("Group").filter("all"::equals).isPresent() ? Optional.of(true) : all;
        }
        for (Ec2Call entry : call.structures("LaunchPermission.Remove")) {
            entry.optional("UserId").ifPresent(removed::add);
            all = entry.optional("Group").filter("all"::equals).isPresent() ? Optional.of(false) : all;
        }
        if (description.isEmpty() && all.isEmpty() && added.isEmpty() && removed.isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because("Launch permissions or a description must be given.");
        }
        added.forEach(ImageActions::checkAccount);
        call.endOfDryRun();
        description.ifPresent(text -> images.describe(call.accountId(), id, text));
        if (all.isPresent() || !added.isEmpty() || !removed.isEmpty()) {
            images.launchPermission(call.accountId(), id, all, added, removed);
        }
        return call.done();
    }

    private static void checkAccount(String id) {
        if (!id.matches("[0-9]{12}")) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid account id: " + id);
        }
    }
}
