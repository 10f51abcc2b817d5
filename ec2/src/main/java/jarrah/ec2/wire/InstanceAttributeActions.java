package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Instance;
import jarrah.ec2.compute.Instances;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Single attributes of instances, read and changed. */
final class InstanceAttributeActions {
    private final Instances instances;
    private final Page.Tokens tokens;

    InstanceAttributeActions(Compute compute, Page.Tokens tokens) {
        instances = compute.instances();
        this.tokens = tokens;
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("DescribeInstanceAttribute", this::describe);
        actions.put("ModifyInstanceAttribute", this::modify);
        actions.put("ModifyInstanceMetadataOptions", this::modifyMetadata);
        actions.put("DescribeInstanceCreditSpecifications", this::credits);
    }

    static void checkShutdown(String behavior) {
        if (!behavior.equals("stop") && !behavior.equals("terminate")) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "Invalid value '" + behavior + "' for instanceInitiatedShutdownBehavior: stop or terminate.");
        }
    }

    private byte[] describe(Ec2Call call) {
        Instance instance = instances.require(call.accountId(), call.text("InstanceId"));
        String attribute = call.text("Attribute");
        call.endOfDryRun();
        return call.answer(xml -> {
            xml.text("instanceId", instance.id());
            attribute(xml, instance, attribute);
        });
    }

    private static void attribute(XmlWriter xml, Instance instance, String attribute) {
        Instance.Options options = instance.options();
        switch (attribute) {
            case "instanceType" -> value(xml, attribute, instance.launch().type());
            case "disableApiTermination" -> value(xml, attribute, Boolean.toString(options.disableApiTermination()));
            case "disableApiStop" -> value(xml, attribute, Boolean.toString(options.disableApiStop()));
            case "ebsOptimized", "enaSupport" -> value(xml, attribute, "false");
            case "sourceDestCheck" -> value(xml, attribute, "true");
            case "instanceInitiatedShutdownBehavior" ->
                value(xml, attribute, options.shutdownTerminates() ? "terminate" : "stop");
            case "rootDeviceName" -> value(xml, attribute, instance.launch().rootDeviceName());
            case "kernel" -> optional(xml, attribute, instance.launch().kernelId());
            case "ramdisk" -> optional(xml, attribute, instance.launch().ramdiskId());
            case "userData" -> optional(xml, attribute, options.userData().map(Base64.getEncoder()::encodeToString));
            case "groupSet" ->
                Ec2Call.items(xml, attribute, instance.network().groupIds(), id -> xml.text("groupId", id));
            case "productCodes" -> xml.start(attribute).end();
            default ->
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Value (" + attribute + ") for parameter attribute is invalid. Unknown attribute.");
        }
    }

    private static void value(XmlWriter xml, String name, String value) {
        xml.start(name).text("value", value).end();
    }

    private static void optional(XmlWriter xml, String name, Optional<String> value) {
        xml.start(name);
        Ec2Call.maybe(xml, "value", value);
        xml.end();
    }

    private byte[] modify(Ec2Call call) {
        String id = call.text("InstanceId");
        Instance instance = instances.require(call.accountId(), id);
        UnaryOperator<Instance.Options> change = change(call, instance);
        List<String> groupIds = call.list("GroupId");
        call.endOfDryRun();
        if (!groupIds.isEmpty()) {
            instances.regroup(call.accountId(), id, groupIds);
        } else {
            instances.modify(call.accountId(), id, change);
        }
        return call.done();
    }

    /** The change that the request asks for, in either of its two spellings. */
    private static UnaryOperator<Instance.Options> change(Ec2Call call, Instance instance) {
        Optional<String> named = call.optional("Attribute");
        Optional<Boolean> keep = flag(call, named, "disableApiTermination");
        Optional<Boolean> keepOn = flag(call, named, "disableApiStop");
        Optional<String> shutdown = call.optional("InstanceInitiatedShutdownBehavior.Value")
                .or(() -> named.filter("instanceInitiatedShutdownBehavior"::equals)
                        .flatMap(_ -> call.optional("Value")));
        Optional<byte[]> userData = call.bytes("UserData.Value", Ec2Error.USER_DATA);
        shutdown.ifPresent(InstanceAttributeActions::checkShutdown);
        userData.ifPresent(LaunchParameters::checkUserData);
        if (userData.isPresent() && instance.state() != Instance.State.STOPPED) {
            throw Ec2Error.INCORRECT_INSTANCE_STATE.because(
                    "The instance '" + instance.id() + "' is not in the 'stopped' state.");
        }
        if (keep.isEmpty()
                && keepOn.isEmpty()
                && shutdown.isEmpty()
                && userData.isEmpty()
                && call.list("GroupId").isEmpty()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because(
                    "Of an instance these can be changed: disableApiTermination, disableApiStop,"
                            + " instanceInitiatedShutdownBehavior, userData, and its security groups.");
        }
        return options -> new Instance.Options(
                userData.isPresent() ? userData.filter(bytes -> bytes.length > 0) : options.userData(),
                shutdown.map("terminate"::equals).orElse(options.shutdownTerminates()),
                keep.orElse(options.disableApiTermination()),
                keepOn.orElse(options.disableApiStop()),
                options.httpTokensRequired(),
                options.hopLimit(),
                options.tagsInMetadata());
    }

    private static Optional<Boolean> flag(Ec2Call call, Optional<String> named, String attribute) {
        String parameter = Character.toUpperCase(attribute.charAt(0)) + attribute.substring(1);
        return call.flag(parameter + ".Value")
                .or(() -> named.filter(attribute::equals).flatMap(_ -> call.flag("Value")));
    }

    private byte[] modifyMetadata(Ec2Call call) {
        String id = call.text("InstanceId");
        instances.require(call.accountId(), id);
        if (call.optional("HttpEndpoint").filter("disabled"::equals).isPresent()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("The metadata service cannot be switched off.");
        }
        Optional<Boolean> required = call.optional("HttpTokens").map("required"::equals);
        Optional<Integer> hops = call.integer("HttpPutResponseHopLimit");
        Optional<Boolean> tags = call.optional("InstanceMetadataTags").map("enabled"::equals);
        call.endOfDryRun();
        instances.modify(
                call.accountId(),
                id,
                options -> new Instance.Options(
                        options.userData(),
                        options.shutdownTerminates(),
                        options.disableApiTermination(),
                        options.disableApiStop(),
                        required.orElse(options.httpTokensRequired()),
                        hops.orElse(options.hopLimit()),
                        tags.orElse(options.tagsInMetadata())));
        Instance.Options now = instances.require(call.accountId(), id).options();
        return call.answer(xml -> xml.text("instanceId", id)
                .start("instanceMetadataOptions")
                .text("state", "applied")
                .text("httpTokens", now.httpTokensRequired() ? "required" : "optional")
                .text("httpPutResponseHopLimit", now.hopLimit())
                .text("httpEndpoint", "enabled")
                .text("instanceMetadataTags", now.tagsInMetadata() ? "enabled" : "disabled")
                .end());
    }

    /** Read by clients for every t2 and t3 instance; processors are not metered here, so credits never run out. */
    private byte[] credits(Ec2Call call) {
        List<String> ids = call.list("InstanceId");
        List<Instance> burstable = (ids.isEmpty()
                        ? instances.list(call.accountId())
                        : instances.require(call.accountId(), ids))
                .stream()
                        .filter(instance -> jarrah.ec2.compute.InstanceType.require(
                                        instance.launch().type())
                                .burstable())
                        .toList();
        call.endOfDryRun();
        var page = Page.of(call, tokens, burstable, Instance::id, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(
                    xml,
                    "instanceCreditSpecificationSet",
                    page.items(),
                    instance -> xml.text("instanceId", instance.id()).text("cpuCredits", "unlimited"));
            page.writeNext(xml);
        });
    }
}
