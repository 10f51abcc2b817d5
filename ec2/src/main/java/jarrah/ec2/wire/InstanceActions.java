package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Instance;
import jarrah.ec2.compute.Instances;
import jarrah.ec2.compute.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Instances: launched, described, stopped, started, rebooted, terminated. */
final class InstanceActions {
    private final Compute compute;
    private final Instances instances;
    private final InstanceXml instanceXml;
    private final LaunchParameters parameters;
    private final Page.Tokens tokens;

    InstanceActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        instances = compute.instances();
        instanceXml = new InstanceXml(compute);
        parameters = new LaunchParameters(compute);
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
        RunRequest request = parameters.read(call);
        instances.check(call.accountId(), request);
        call.endOfDryRun();
        List<Instance> launched = instances.run(call.accountId(), request);
        return call.answer(xml -> instanceXml.reservation(xml, launched));
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
