package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds out whether KVM works, by letting it work.
 *
 * <p>That {@code /dev/kvm} is there and opens says little: on some hosts (nested ones above all) the device exists and the
 * first virtual processor hangs. So a QEMU without any machine is started on KVM and asked to quit; only if it does so
 * within the deadline is KVM used.
 */
public final class AcceleratorProbe {
    static final Duration DEADLINE = Duration.ofSeconds(2);

    private static final Pattern VIRTUALIZATION = Pattern.compile("^flags\\s*:.*\\b(vmx|svm)\\b", Pattern.MULTILINE);

    private final Path device;
    private final Path cpuInfo;
    private final List<String> program;

    public AcceleratorProbe() {
        this(Path.of("/dev/kvm"), Path.of("/proc/cpuinfo"), List.of(QemuHypervisor.PROGRAM));
    }

    AcceleratorProbe(Path device, Path cpuInfo, List<String> program) {
        this.device = device;
        this.cpuInfo = cpuInfo;
        this.program = program;
    }

    /** Takes at most little more than {@link #DEADLINE}. */
    public Accelerator probe() {
        if (!Files.exists(device)) {
            return Accelerator.tcg("there is no " + device);
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return Accelerator.tcg(device + " may not be opened by this user (is the user in the group kvm?)");
        }
        try {
            if (!VIRTUALIZATION.matcher(Files.readString(cpuInfo)).find()) {
                return Accelerator.tcg("the processor shows neither vmx nor svm; in a virtual machine, nested"
                        + " virtualization must be switched on outside");
            }
            return tryIt();
        } catch (IOException e) {
            return Accelerator.tcg("the probe did not start: " + e.getMessage());
        }
    }

    private Accelerator tryIt() throws IOException {
        var command = new java.util.ArrayList<>(program);
        // `none` has no processor by itself; one is asked for, since it is the processor that hangs.
        command.addAll(List.of("-machine", "none", "-accel", "kvm", "-cpu", "host", "-smp", "1"));
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-qmp", "stdio"));
        String conversation = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n";
        try {
            LimitedCommand.Result result =
                    new LimitedCommand(command, DEADLINE).input(conversation).run();
            return result.exitCode() == 0
                    ? Accelerator.KVM
                    : Accelerator.tcg("QEMU refuses KVM: " + result.complaint());
        } catch (LimitedCommand.TimedOut e) {
            return Accelerator.tcg(
                    device + " is there, but a machine on it hangs: no answer within " + DEADLINE.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Accelerator.tcg("the probe was interrupted");
        }
    }
}
