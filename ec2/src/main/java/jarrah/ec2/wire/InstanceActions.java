package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Instance;
import jarrah.ec2.compute.InstanceType;
import jarrah.ec2.compute.Instances;
import jarrah.ec2.compute.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Instances: launched, described, stopped, started, rebooted, terminated. */
final class InstanceActions {
    /** User data before Base64, bytes. */
    static final int MAX_USER_DATA = 16 * 1024;

    private static final int MAX_TOKEN_CHARS = 64;

    private final Compute compute;
    private final Instances instances;
    private final InstanceXml instanceXml;
    private final Page.Tokens tokens;

    InstanceActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        instances = compute.instances();
        instanceXml = new InstanceXml(compute);
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("RunInstances", this::run);
        actions.put("DescribeInstances", this::describe);
        actions.put("DescribeInstanceStatus", this::status);
        actions.put("GetConsoleOutput", this::console);
        actions.put("StopInstances", this::stop);
        actions.put("StartInstances", this::start);
        actions.put("RebootInstances", this::reboot);
        actions.put("TerminateInstances", this::terminate);
    }

    private byte[] run(Ec2Call call) {
        RunRequest request = request(call);
        instances.check(call.accountId(), request);
        call.endOfDryRun();
        List<Instance> launched = instances.run(call.accountId(), request);
        return call.answer(xml -> instanceXml.reservation(xml, launched));
    }

    /** What an instance cannot have here: asked for, it is refused, so that nobody believes to have it. */
    private static void refuseUnsupported(Ec2Call call) {
        for (String structure : List.of(
                "IamInstanceProfile",
                "InstanceMarketOptions",
                "LaunchTemplate",
                "LicenseSpecification",
                "ElasticGpuSpecification",
                "ElasticInferenceAccelerator")) {
            if (call.structure(structure).isPresent()) {
                throw Ec2Error.UNSUPPORTED_OPERATION.because(structure + " is not supported.");
            }
        }
        for (String parameter :
                List.of("Ipv6AddressCount", "Ipv6Address.1.Ipv6Address", "Placement.GroupName", "Placement.HostId")) {
            if (call.optional(parameter).filter(value -> !value.equals("0")).isPresent()) {
                throw Ec2Error.UNSUPPORTED_OPERATION.because(parameter + " is not supported.");
            }
        }
        Map<String, String> only = Map.of(
                "Placement.Tenancy", "default",
                "Monitoring.Enabled", "false",
                "MetadataOptions.HttpEndpoint", "enabled",
                "HibernationOptions.Configured", "false",
                "EnclaveOptions.Enabled", "false",
                "EbsOptimized", "false");
        only.forEach((parameter, value) -> call.optional(parameter)
                .filter(asked -> !asked.equalsIgnoreCase(value))
                .ifPresent(asked -> {
                    throw Ec2Error.UNSUPPORTED_OPERATION.because(
                            parameter + "=" + asked + " is not supported: only " + value + " is.");
                }));
    }

    private RunRequest request(Ec2Call call) {
        refuseUnsupported(call);
        Optional<String> token = call.optional("ClientToken");
        if (token.isPresent()
                && (token.get().length() > MAX_TOKEN_CHARS
                        || !StandardCharsets.US_ASCII.newEncoder().canEncode(token.get()))) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("ClientToken has at most 64 ASCII characters.");
        }
        if (!call.structures("NetworkInterface").isEmpty() && !groupIds(call).isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "Network interfaces and an instance-level subnet ID or security groups may not be specified on the"
                            + " same request");
        }
        Optional<Ec2Call> card = card(call);
        Map<String, Boolean> taggable =
                Map.of("instance", true, "volume", true, "network-interface", true, "spot-instances-request", true);
        return new RunRequest(
                call.text("ImageId"),
                call.integer("MinCount").orElse(1),
                call.integer("MaxCount").orElse(call.integer("MinCount").orElse(1)),
                call.optional("InstanceType").orElse(InstanceType.DEFAULT),
                call.optional("KeyName"),
                card.map(nic -> nic.list("SecurityGroupId")).orElseGet(() -> groupIds(call)),
                call.optional("SubnetId").or(() -> card.flatMap(nic -> nic.optional("SubnetId"))),
                call.structure("Placement").flatMap(placement -> placement.optional("AvailabilityZone")),
                call.optional("PrivateIpAddress").or(() -> card.flatMap(nic -> nic.optional("PrivateIpAddress"))),
                addressing(call).or(() -> card.flatMap(nic -> nic.flag("AssociatePublicIpAddress"))),
                call.optional("KernelId"),
                call.optional("RamdiskId"),
                Mappings.read(call),
                options(call),
                token,
                digest(call),
                call.tags("instance", taggable),
                call.tags("volume", taggable));
    }

    /** The one network interface that an instance has here. */
    private static Optional<Ec2Call> card(Ec2Call call) {
        List<Ec2Call> cards = call.structures("NetworkInterface");
        if (cards.size() > 1
                || cards.stream()
                        .anyMatch(nic -> nic.optional("NetworkInterfaceId").isPresent())) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because(
                    "An instance has one network interface, which is made with it.");
        }
        return cards.stream().findFirst();
    }

    /** {@code --addressing private} of the historical tools: no public address. */
    private static Optional<Boolean> addressing(Ec2Call call) {
        return call.optional("AddressingType").map(type -> !type.equals("private"));
    }

    private List<String> groupIds(Ec2Call call) {
        var ids = new ArrayList<>(call.list("SecurityGroupId"));
        for (String name : call.list("SecurityGroup")) {
            // The historical tools send ids and names alike.
            ids.add(
                    name.startsWith("sg-")
                            ? name
                            : compute.groups().byName(call.accountId(), name).id());
        }
        return ids;
    }

    private static Instance.Options options(Ec2Call call) {
        Optional<byte[]> userData = call.bytes("UserData", Ec2Error.USER_DATA).filter(bytes -> bytes.length > 0);
        userData.ifPresent(InstanceActions::checkUserData);
        Optional<Ec2Call> metadata = call.structure("MetadataOptions");
        String shutdown = call.optional("InstanceInitiatedShutdownBehavior").orElse("stop");
        InstanceAttributeActions.checkShutdown(shutdown);
        return new Instance.Options(
                userData,
                shutdown.equals("terminate"),
                call.flag("DisableApiTermination").orElse(false),
                metadata.flatMap(options -> options.optional("HttpTokens"))
                        .filter("required"::equals)
                        .isPresent(),
                metadata.flatMap(options -> options.integer("HttpPutResponseHopLimit"))
                        .orElse(1),
                metadata.flatMap(options -> options.optional("InstanceMetadataTags"))
                        .filter("enabled"::equals)
                        .isPresent());
    }

    static void checkUserData(byte[] bytes) {
        if (bytes.length > MAX_USER_DATA) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("User data is limited to 16384 bytes");
        }
    }

    /** What a client token is bound to: the whole request but what differs in a repetition. */
    private static String digest(Ec2Call call) {
        return call.request().digestWithout("X-Amz-", "Signature", "Timestamp", "Expires", "AWSAccessKeyId", "DryRun");
    }

    private byte[] describe(Ec2Call call) {
        List<String> ids = call.list("InstanceId");
        List<Instance> all =
                ids.isEmpty() ? instances.list(call.accountId()) : instances.require(call.accountId(), ids);
        call.endOfDryRun();
        List<Instance> fitting = instanceXml.filters().apply(call, all);
        var page = Page.of(call, tokens, fitting, Instance::id, !ids.isEmpty());
        var reservations = new LinkedHashMap<String, List<Instance>>();
        page.items().stream()
                .sorted(Comparator.comparing(Instance::started)
                        .thenComparingInt(instance -> instance.launch().index()))
                .forEach(instance -> reservations
                        .computeIfAbsent(instance.launch().reservationId(), _ -> new ArrayList<>())
                        .add(instance));
        return call.answer(xml -> {
            Ec2Call.items(xml, "reservationSet", reservations.values(), list -> instanceXml.reservation(xml, list));
            page.writeNext(xml);
        });
    }

    private byte[] status(Ec2Call call) {
        List<String> ids = call.list("InstanceId");
        boolean all = call.flag("IncludeAllInstances").orElse(false);
        List<Instance> found =
                ids.isEmpty() ? instances.list(call.accountId()) : instances.require(call.accountId(), ids);
        call.endOfDryRun();
        var filters = new Filters<Instance>(_ -> Map.of())
                .by("availability-zone", instance -> instance.launch().zone())
                .by("instance-state-name", instance -> instance.state().word())
                .by(
                        "instance-state-code",
                        instance -> Integer.toString(instance.state().code()))
                .by("instance-status.status", InstanceActions::health)
                .by("system-status.status", InstanceActions::health);
        List<Instance> fitting = filters.apply(call, found).stream()
                .filter(instance -> all || instance.state() == Instance.State.RUNNING)
                .toList();
        var page = Page.of(call, tokens, fitting, Instance::id, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "instanceStatusSet", page.items(), instance -> {
                xml.text("instanceId", instance.id())
                        .text("availabilityZone", instance.launch().zone());
                InstanceXml.state(xml, "instanceState", instance.state());
                for (String kind : List.of("systemStatus", "instanceStatus")) {
                    xml.start(kind).text("status", health(instance));
                    if (instance.state() == Instance.State.RUNNING) {
                        Ec2Call.items(
                                xml,
                                "details",
                                List.of("passed"),
                                passed -> xml.text("name", "reachability").text("status", passed));
                    }
                    xml.end();
                }
            });
            page.writeNext(xml);
        });
    }

    private static String health(Instance instance) {
        return instance.state() == Instance.State.RUNNING ? "ok" : "not-applicable";
    }

    private byte[] console(Ec2Call call) {
        Instance instance = instances.require(call.accountId(), call.text("InstanceId"));
        call.endOfDryRun();
        try {
            Compute.Console console = compute.console(instance);
            return call.answer(xml -> {
                xml.text("instanceId", instance.id()).text("timestamp", Ec2Call.time(console.at()));
                if (console.output().length > 0) {
                    xml.text("output", Base64.getEncoder().encodeToString(console.output()));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> ids(Ec2Call call) {
        List<String> ids = call.list("InstanceId");
        if (ids.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter InstanceId");
        }
        return ids;
    }

    private byte[] stop(Ec2Call call) {
        List<String> ids = ids(call);
        if (call.flag("Hibernate").orElse(false)) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("Hibernation is not supported.");
        }
        instances.require(call.accountId(), ids);
        call.endOfDryRun();
        return transitions(
                call, instances.stop(call.accountId(), ids, call.flag("Force").orElse(false)));
    }

    private byte[] start(Ec2Call call) {
        List<String> ids = ids(call);
        instances.require(call.accountId(), ids);
        call.endOfDryRun();
        return transitions(call, instances.start(call.accountId(), ids));
    }

    private byte[] terminate(Ec2Call call) {
        List<String> ids = ids(call);
        instances.require(call.accountId(), ids);
        call.endOfDryRun();
        return transitions(call, instances.terminate(call.accountId(), ids));
    }

    private byte[] reboot(Ec2Call call) {
        List<String> ids = ids(call);
        instances.require(call.accountId(), ids);
        call.endOfDryRun();
        instances.reboot(call.accountId(), ids);
        return call.done();
    }

    private static byte[] transitions(Ec2Call call, List<Instances.Transition> transitions) {
        return call.answer(
                xml -> Ec2Call.items(xml, "instancesSet", transitions, transition -> transition(xml, transition)));
    }

    private static void transition(XmlWriter xml, Instances.Transition transition) {
        xml.text("instanceId", transition.instanceId());
        InstanceXml.state(xml, "currentState", transition.now());
        InstanceXml.state(xml, "previousState", transition.before());
    }
}
