package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** QEMU's arguments for each profile, as they are in the resources, an option a line. */
final class QemuArgumentsTest {
    private static final Path HOME = Path.of("/data/instances/i-1");
    private static final MachineSockets SOCKETS =
            new MachineSockets(Path.of("/run/j/1.q"), Path.of("/run/j/1.o"), Path.of("/run/j/1.c"));

    @ParameterizedTest
    @EnumSource
    void eachProfileHasItsArguments(DeviceProfile profile) throws IOException {
        List<String> arguments = arguments(spec(profile, 2, Optional.empty()), Accelerator.tcg(""));

        Files.writeString(Path.of("target", "arguments-" + profile + ".txt"), lines(arguments)); // to compare with
        assertThat(lines(arguments)).isEqualTo(golden(profile));
    }

    @Test
    void kvmTakesTheHostsProcessor() {
        assertThat(arguments(spec(DeviceProfile.NITRO, 1, Optional.empty()), Accelerator.KVM))
                .containsSequence("-accel", "kvm", "-cpu", "host");
    }

    @Test
    void aKernelOfOursIsBootedInPlaceOfTheDisk() {
        var boot =
                new MachineSpec.DirectBoot(Path.of("/k"), Optional.of(Path.of("/r")), "root=LABEL=a,b console=ttyS0");

        List<String> arguments = arguments(spec(DeviceProfile.NITRO, 1, Optional.of(boot)), Accelerator.tcg(""));

        assertThat(arguments)
                .containsSequence("-kernel", "/k", "-initrd", "/r", "-append", "root=LABEL=a,b console=ttyS0");
        assertThat(String.join(" ", arguments)).doesNotContain("bootindex");
    }

    @Test
    void commasInPathsAreNotTakenForOptions() {
        List<String> arguments = QemuArguments.of(
                spec(DeviceProfile.NITRO, 1, Optional.empty()),
                Accelerator.tcg(""),
                new Confinement(true, OptionalInt.empty()),
                Path.of("/data/a,b"),
                SOCKETS);

        assertThat(arguments).anyMatch(word -> word.contains("logfile=/data/a,,b/console.log,logappend=on"));
    }

    @Test
    void moreDisksThanThereAreSlotsAreRefused() {
        assertThatThrownBy(() -> arguments(spec(DeviceProfile.IDE, 5, Optional.empty()), Accelerator.tcg("")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> arguments(spec(DeviceProfile.NITRO, 20, Optional.empty()), Accelerator.tcg("")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSerialNumberThatQemuWouldMisreadIsRefused() {
        var disk = new MachineSpec.Disk("vol,x", Path.of("/d"), MachineSpec.DiskFormat.RAW, false);
        MachineSpec spec = spec(DeviceProfile.NITRO, 1, Optional.empty()).withDisks(List.of(disk));

        assertThatThrownBy(() -> arguments(spec, Accelerator.tcg(""))).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> arguments(MachineSpec spec, Accelerator accelerator) {
        return QemuArguments.of(spec, accelerator, new Confinement(true, OptionalInt.empty()), HOME, SOCKETS);
    }

    private static MachineSpec spec(DeviceProfile profile, int disks, Optional<MachineSpec.DirectBoot> boot) {
        var all = new ArrayList<MachineSpec.Disk>();
        for (int i = 0; i < disks; i++) {
            MachineSpec.DiskFormat format = i == 0 ? MachineSpec.DiskFormat.QCOW2 : MachineSpec.DiskFormat.RAW;
            all.add(new MachineSpec.Disk("vol" + i, Path.of("/data/vol" + i), format, false));
        }
        var nic = new MachineSpec.Nic("02:00:00:00:00:01", "tap,ifname=jr0,script=no,downscript=no", List.of());
        return new MachineSpec(
                "i-1", profile, 1, 512, all, Optional.of(nic), boot, "ec2e1916-9099-7caf-fd21-012345abcdef");
    }

    private static String lines(List<String> arguments) {
        var text = new StringBuilder();
        for (String word : arguments) {
            text.append(word.startsWith("-") ? "\n" : " ").append(word);
        }
        return text.substring(1) + "\n";
    }

    private static String golden(DeviceProfile profile) throws IOException {
        try (InputStream in = QemuArgumentsTest.class.getResourceAsStream("arguments-" + profile + ".txt")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
