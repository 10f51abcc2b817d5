package jarrah.ec2.wire;

import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Instance;
import jarrah.ec2.compute.InstanceType;
import jarrah.ec2.compute.RunRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what RunInstances asks for. What an instance cannot have here is refused, so that nobody believes to have it. */
final class LaunchParameters {
    /** User data before Base64, bytes. */
    static final int MAX_USER_DATA = 16 * 1024;

    private static final int MAX_TOKEN_CHARS = 64;
    private static final int MAX_HOPS = 64;
    private static final int MAX_DESCRIPTION_CHARS = 255;

    /** The types of resources that a launch makes and that have tags. */
    private static final Map<String, Boolean> TAGGABLE =
            Map.of("instance", true, "volume", true, "network-interface", true);

    private final Compute compute;

    LaunchParameters(Compute compute) {
        this.compute = compute;
    }

    /**
     * What the request asks for; the resources that it names are not looked up yet.
     *
     * @throws jarrah.ec2.compute.Ec2Exception for a value that is none, or that cannot be had here
     */
    RunRequest read(Ec2Call call) {
        LaunchMembers.check(call.request());
        String type = call.optional("InstanceType").orElse(InstanceType.DEFAULT);
        checkCredits(call, type);
        Optional<Ec2Call> card = card(call);
        return new RunRequest(
                call.text("ImageId"),
                call.integer("MinCount").orElse(1),
                call.integer("MaxCount").orElse(call.integer("MinCount").orElse(1)),
                type,
                call.optional("KeyName"),
                card.map(nic -> nic.list("SecurityGroupId")).orElseGet(() -> groupIds(call)),
                call.optional("SubnetId").or(() -> card.flatMap(nic -> nic.optional("SubnetId"))),
                call.structure("Placement").flatMap(placement -> placement.optional("AvailabilityZone")),
                call.optional("PrivateIpAddress").or(() -> card.flatMap(LaunchParameters::privateAddress)),
                addressing(call).or(() -> card.flatMap(nic -> nic.flag("AssociatePublicIpAddress"))),
                call.optional("KernelId"),
                call.optional("RamdiskId"),
                Mappings.read(call),
                options(call),
                token(call),
                digest(call),
                call.tags("instance", TAGGABLE),
                call.tags("volume", TAGGABLE),
                call.tags("network-interface", TAGGABLE),
                card.flatMap(LaunchParameters::description).orElse(""));
    }

    private static Optional<String> description(Ec2Call card) {
        Optional<String> description = card.optional("Description");
        description.filter(text -> text.length() > MAX_DESCRIPTION_CHARS).ifPresent(text -> {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "The description of a network interface has at most " + MAX_DESCRIPTION_CHARS + " characters.");
        });
        return description;
    }

    /** Processors are not metered here: credits never run out, and a limit by them cannot be had. */
    private static void checkCredits(Ec2Call call, String type) {
        Optional<String> credits = call.optional("CreditSpecification.CpuCredits");
        if (credits.isEmpty()) {
            return;
        }
        if (!InstanceType.require(type).burstable()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "The instance type '" + type + "' does not support the parameter CreditSpecification.");
        }
        switch (credits.get()) {
            case "unlimited" -> {}
            case "standard" ->
                throw Ec2Error.UNSUPPORTED_OPERATION.because(
                        "CpuCredits=standard is not supported: processors are not metered, only unlimited is.");
            default -> throw invalid("CpuCredits", credits.get());
        }
    }

    private static RuntimeException invalid(String parameter, Object value) {
        return Ec2Error.INVALID_PARAMETER_VALUE.because(
                "Value (" + value + ") for parameter " + parameter + " is invalid.");
    }

    private static Optional<String> token(Ec2Call call) {
        Optional<String> token = call.optional("ClientToken");
        if (token.isPresent()
                && (token.get().length() > MAX_TOKEN_CHARS
                        || !StandardCharsets.US_ASCII.newEncoder().canEncode(token.get()))) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("ClientToken has at most 64 ASCII characters.");
        }
        return token;
    }

    /** The one network interface that an instance has here. */
    private Optional<Ec2Call> card(Ec2Call call) {
        List<Ec2Call> cards = call.structures("NetworkInterface");
        if (cards.isEmpty()) {
            return Optional.empty();
        }
        if (!groupIds(call).isEmpty()
                || call.optional("SubnetId").isPresent()
                || call.optional("PrivateIpAddress").isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "Network interfaces and an instance-level subnet ID, private address or security groups may not be"
                            + " specified on the same request");
        }
        if (cards.size() > 1) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because(
                    "An instance has one network interface, which is made with it.");
        }
        return Optional.of(cards.getFirst());
    }

    /** The private address that a card asks for, in either of the two ways; a second one cannot be had. */
    private static Optional<String> privateAddress(Ec2Call card) {
        Optional<String> asked = card.optional("PrivateIpAddress");
        for (Ec2Call address : card.structures("PrivateIpAddresses")) {
            boolean primary = address.flag("Primary").orElse(false);
            if (!primary) {
                throw Ec2Error.UNSUPPORTED_OPERATION.because("Secondary private addresses are not supported.");
            }
            if (asked.isPresent()) {
                throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                        "Only one primary private IP address can be specified.");
            }
            asked = Optional.of(address.text("PrivateIpAddress"));
        }
        return asked;
    }

    /** {@code --addressing private} of the historical tools: no public address. */
    private static Optional<Boolean> addressing(Ec2Call call) {
        return call.optional("AddressingType").map(type -> switch (type) {
            case "public" -> true;
            case "private" -> false;
            default -> throw invalid("AddressingType", type);
        });
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
        userData.ifPresent(LaunchParameters::checkUserData);
        String shutdown = call.optional("InstanceInitiatedShutdownBehavior").orElse("stop");
        InstanceAttributeActions.checkShutdown(shutdown);
        int hops = call.integer("MetadataOptions.HttpPutResponseHopLimit").orElse(1);
        if (hops < 1 || hops > MAX_HOPS) {
            throw invalid("HttpPutResponseHopLimit", hops);
        }
        return new Instance.Options(
                userData,
                shutdown.equals("terminate"),
                call.flag("DisableApiTermination").orElse(false),
                call.flag("DisableApiStop").orElse(false),
                either(call, "MetadataOptions.HttpTokens", "required", "optional"),
                hops,
                either(call, "MetadataOptions.InstanceMetadataTags", "enabled", "disabled"));
    }

    private static boolean either(Ec2Call call, String parameter, String yes, String no) {
        String value = call.optional(parameter).orElse(no);
        if (!value.equals(yes) && !value.equals(no)) {
            throw invalid(parameter, value);
        }
        return value.equals(yes);
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
}
