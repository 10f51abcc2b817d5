package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KVM is used only when it has proved itself; scripts stand in for QEMU. */
final class AcceleratorProbeTest {
    @TempDir
    Path temp;

    private Path device;
    private Path cpuInfo;

    @BeforeEach
    void aHostThatLooksFine() throws IOException {
        device = Files.createFile(temp.resolve("kvm"));
        cpuInfo = Files.writeString(temp.resolve("cpuinfo"), "flags\t\t: fpu vme vmx sse2\n");
    }

    @Test
    void aQemuThatQuitsWhenAskedProvesIt() {
        Accelerator found = probe("read a; read b; echo \"$b\" | grep -q quit");

        assertThat(found).isEqualTo(Accelerator.KVM);
        assertThat(found).hasToString("kvm");
    }

    @Test
    void aQemuThatHangsIsKilledAndTheReasonSaysSo() throws Exception {
        Path pid = temp.resolve("pid");
        long before = System.nanoTime();

        Accelerator found = probe("echo $$ > " + pid + "; exec sleep 1000");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
        assertThat(found.kvm()).isFalse();
        assertThat(found.reason()).contains("hangs");
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(handle -> handle.onExit().join());
    }

    @Test
    void aRefusalIsGivenInQemusWords() {
        Accelerator found = probe("echo 'failed to initialize kvm: Permission denied' >&2; exit 1");

        assertThat(found).hasToString("tcg: QEMU refuses KVM: failed to initialize kvm: Permission denied");
    }

    @Test
    void withoutTheDeviceNothingIsStarted() throws IOException {
        Files.delete(device);

        assertThat(probe("touch " + temp.resolve("started")).reason()).contains("there is no ");
        assertThat(temp.resolve("started")).doesNotExist();
    }

    @Test
    void withoutVirtualizationInTheProcessorNothingIsStarted() throws IOException {
        Files.writeString(cpuInfo, "flags\t\t: fpu vme sse2 vmxfoo\n");

        assertThat(probe("touch " + temp.resolve("started")).reason()).contains("neither vmx nor svm");
        assertThat(temp.resolve("started")).doesNotExist();
    }

    @Test
    void aMissingProgramIsAReasonAndNoFailure() {
        Accelerator found = new AcceleratorProbe(device, cpuInfo, List.of("/no/such/program")).probe();

        assertThat(found.reason()).contains("did not start");
    }

    private Accelerator probe(String script) {
        return new AcceleratorProbe(device, cpuInfo, List.of("sh", "-c", script, "qemu")).probe();
    }
}
