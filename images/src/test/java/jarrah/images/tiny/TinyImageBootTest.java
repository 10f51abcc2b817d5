package jarrah.images.tiny;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.machine.Accelerator;
import jarrah.machine.DeviceProfile;
import jarrah.machine.LimitedCommand;
import jarrah.machine.Machine;
import jarrah.machine.MachineSpec;
import jarrah.machine.QemuHypervisor;
import jarrah.machine.QemuImg;
import jarrah.machine.QemuPrograms;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tiny image in real QEMU, on QEMU's own user network; the metadata service is a stub that the command line names. */
final class TinyImageBootTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String ID = "i-0123456789abcdef0";
    private static final String USER_DATA = "#!/bin/sh\necho USER-DATA-RAN on $(hostname)\n";

    @TempDir
    Path temp;

    private final List<Machine> machines = new ArrayList<>();
    private QemuHypervisor hypervisor;
    private TinyImage image;
    private int sshPort;

    @BeforeEach
    void needQemuAndTheImage() throws Exception {
        for (String program : List.of("qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "scp")) {
            if (QemuPrograms.onPath(program).isEmpty()) {
                TinyImageUnderTest.notRun("TinyImageBootTest: not installed: " + program);
            }
        }
        image = TinyImageUnderTest.get();
        hypervisor = new QemuHypervisor(temp.resolve("run"), Accelerator.tcg("test"));
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            sshPort = free.getLocalPort();
        }
    }

    @AfterEach
    void endAll() throws IOException {
        for (Machine machine : machines) {
            machine.quit();
            machine.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NITRO", "VIRTIO", "LEGACY"})
    void itBecomesTheInstanceThatItsMetadataSays(DeviceProfile profile) throws Exception {
        key("ed25519");
        try (var metadata = metadata(true, "ed25519")) {
            Machine machine = launch(profile, metadata);

            String console = awaitReady(machine, 1);

            assertThat(console).contains("TINY-READY id=" + ID + " keys=1 uptime=");
            assertThat(console).contains("USER-DATA-RAN on ip-10-0-2-15").contains("BEGIN SSH HOST KEY KEYS");
            assertThat(metadata.asked.getFirst()).isEqualTo("PUT latest/api/token");
            assertThat(ssh("ed25519", "root", "hostname")).isEqualTo("ip-10-0-2-15\n");
            assertThat(ssh("ed25519", "root", "cat /sys/bus/pci/devices/*/device"))
                    .contains(
                            switch (profile) {
                                case NITRO -> "0x0010"; // QEMU's NVMe controller
                                case VIRTIO -> "0x1042"; // virtio 1.0: 0x1040 + 2
                                case LEGACY -> "0x1001"; // the block device of before the standard
                                case IDE -> "0x7010"; // PIIX3 IDE
                            });
        }
    }

    @Test
    void aServiceThatKnowsNoTokensIsAskedWithoutAndRsaKeysServe() throws Exception {
        key("rsa");
        try (var metadata = metadata(false, "rsa")) {
            Machine machine = launch(DeviceProfile.VIRTIO, metadata);

            assertThat(awaitReady(machine, 1)).contains("id=" + ID + " keys=1");

            assertThat(ssh("rsa", "ec2-user", "id -u")).isEqualTo("0\n");
        }
    }

    @Test
    void filesGoInAndOutAndTheToolsOfBundlesAreThere() throws Exception {
        key("ed25519");
        Path file = Files.write(temp.resolve("file"), new byte[300_000]);
        try (var metadata = metadata(true, "ed25519")) {
            Machine machine = launch(DeviceProfile.NITRO, metadata);
            awaitReady(machine, 1);

            scp("-O", file.toString(), "root@127.0.0.1:/tmp/by-rcp");
            scp("-s", file.toString(), "root@127.0.0.1:/tmp/by-sftp");

            assertThat(ssh("ed25519", "root", "cmp /tmp/by-rcp /tmp/by-sftp && wc -c </tmp/by-sftp"))
                    .isEqualTo("300000\n");
            String script =
                    "set -e; cd /tmp; tar -c -S by-rcp | gzip | openssl enc -aes-128-cbc -K 00112233445566778899aabbccddeeff"
                            + " -iv 00112233445566778899aabbccddeeff >out; split -b 1000 out part.; cat part.* | openssl enc -d"
                            + " -aes-128-cbc -K 00112233445566778899aabbccddeeff -iv 00112233445566778899aabbccddeeff | gunzip |"
                            + " tar -t; openssl sha1 out | wc -l; curl --version | head -c 4; echo a | xxd -p; echo a b | awk '{print $2}'";
            assertThat(ssh("ed25519", "root", script)).isEqualTo("by-rcp\n1\ncurl610a\nb\n");
            assertThat(ssh(
                            "ed25519",
                            "root",
                            "curl -s -o /dev/null -w '%{http_code}' http://10.0.2.2:" + metadata.port()
                                    + "/latest/meta-data/instance-id"))
                    .isEqualTo("401");
        }
    }

    @Test
    void passwordsAreRefused() throws Exception {
        key("ed25519");
        key("rsa");
        try (var metadata = metadata(true, "ed25519")) {
            awaitReady(launch(DeviceProfile.VIRTIO, metadata), 1);

            LimitedCommand.Result result = sshCommand("rsa", "root", "id").run();

            assertThat(result.exitCode()).isNotZero();
            assertThat(result.errors()).contains("Permission denied (publickey)");
        }
    }

    @Test
    void userDataRunsOncePerInstanceIdAndARebootIsNoNewInstance() throws Exception {
        key("ed25519");
        try (var metadata = metadata(true, "ed25519")) {
            Machine machine = launch(DeviceProfile.VIRTIO, metadata);
            awaitReady(machine, 1);
            String hostKey = ssh("ed25519", "root", "sha1sum /etc/dropbear/ed25519; sync");

            machine.reset();
            String console = awaitReady(machine, 2);

            assertThat(console.split("USER-DATA-RAN", -1)).hasSize(2);
            assertThat(ssh("ed25519", "root", "sha1sum /etc/dropbear/ed25519")).isEqualTo(hostKey);

            metadata.with("meta-data/instance-id", "i-0fedcba9876543210");
            machine.reset();
            console = awaitReady(machine, 3);

            assertThat(console).contains("TINY-READY id=i-0fedcba9876543210");
            assertThat(console.split("USER-DATA-RAN", -1)).hasSize(3);
            assertThat(ssh("ed25519", "root", "sha1sum /etc/dropbear/ed25519")).isNotEqualTo(hostKey);
        }
    }

    @Test
    void thePowerButtonShutsItDown() throws Exception {
        key("ed25519");
        try (var metadata = metadata(true, "ed25519")) {
            Machine machine = launch(DeviceProfile.NITRO, metadata);
            var ending = new CompletableFuture<Machine.Ending>();
            machine.onEnd(ending::complete);
            awaitReady(machine, 1);

            machine.powerDown();

            assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.GUEST_SHUTDOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NITRO", "VIRTIO", "LEGACY"})
    void aDiskComesAndGoesWhileItRuns(DeviceProfile profile) throws Exception {
        key("ed25519");
        try (var metadata = metadata(true, "ed25519")) {
            Machine machine = launch(profile, metadata);
            awaitReady(machine, 1);
            Path file = temp.resolve("volume.raw");
            try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
                disk.setLength(64 << 20);
            }

            machine.attach(new MachineSpec.Disk("vol0123456789abcdef0", file, MachineSpec.DiskFormat.RAW, false));

            // The kernel tells of a new disk when it has read its first sectors; ask until it does.
            String find = "for i in $(seq 100); do for d in /sys/block/*; do case $(cat $d/serial $d/device/serial"
                    + " 2>/dev/null) in vol0123456789abcdef0*) echo ${d##*/}; exit;; esac; done; usleep 100000; done; exit 1";
            String name = ssh("ed25519", "root", find).strip();
            ssh("ed25519", "root", "echo written by the guest | dd of=/dev/" + name + " conv=sync 2>/dev/null; sync");
            machine.copyDisk("vol0123456789abcdef0", temp.resolve("copy.raw"));
            machine.detach("vol0123456789abcdef0", PATIENCE);

            assertThat(ssh("ed25519", "root", "ls /sys/block")).doesNotContain(name);
            assertThat(Files.readAllBytes(temp.resolve("copy.raw")))
                    .startsWith("written by the guest\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void withoutRamdiskItBootsFromNvme() throws Exception {
        key("ed25519");
        try (var metadata = metadata(true, "ed25519")) {
            var boot = new MachineSpec.DirectBoot(
                    image.kernel(),
                    Optional.empty(),
                    "root=/dev/nvme0n1 rw console=ttyS0 quiet tiny.metadata=10.0.2.2:" + metadata.port());

            Machine machine = launch(DeviceProfile.NITRO, boot, true);

            String console = awaitReady(machine, 1);
            assertThat(console).contains("TINY-READY id=" + ID);
        }
    }

    @Test
    void onIdeItBootsFromItsDisk() throws Exception {
        // Debian's cloud kernel has a driver for the disk and none for the e1000 card.
        var boot = new MachineSpec.DirectBoot(image.kernel(), Optional.of(image.ramdisk()), TinyImage.COMMAND_LINE);

        Machine machine = launch(DeviceProfile.IDE, boot, false);

        assertThat(awaitReady(machine, 1)).contains("TINY-READY id=none keys=0");
    }

    private Machine launch(DeviceProfile profile, MetadataStub metadata) throws Exception {
        var boot = new MachineSpec.DirectBoot(
                image.kernel(),
                Optional.of(image.ramdisk()),
                TinyImage.COMMAND_LINE + " tiny.metadata=10.0.2.2:" + metadata.port());
        return launch(profile, boot, true);
    }

    private Machine launch(DeviceProfile profile, MachineSpec.DirectBoot boot, boolean network) throws Exception {
        Path overlay = temp.resolve("root.qcow2");
        new QemuImg().overlay(overlay, image.rootFileSystem(), MachineSpec.DiskFormat.RAW, OptionalLong.empty());
        var nic = new MachineSpec.Nic("02:00:00:00:00:01", "user,hostfwd=tcp:127.0.0.1:" + sshPort + "-:22", List.of());
        Machine machine = hypervisor.launch(
                new MachineSpec(
                        ID,
                        profile,
                        1,
                        256,
                        List.of(new MachineSpec.Disk("vol1", overlay, MachineSpec.DiskFormat.QCOW2, false)),
                        network ? Optional.of(nic) : Optional.empty(),
                        Optional.of(boot),
                        "ec2e1916-9099-7caf-fd21-012345abcdef"),
                temp.resolve("machine"));
        machines.add(machine);
        return machine;
    }

    private MetadataStub metadata(boolean tokens, String keyType) throws IOException {
        return new MetadataStub(tokens)
                .with("meta-data/instance-id", ID)
                .with("meta-data/local-hostname", "ip-10-0-2-15.ec2.internal")
                .with("meta-data/public-keys/", "0=my-key")
                .with("meta-data/public-keys/0/openssh-key", Files.readString(temp.resolve(keyType + ".pub")))
                .with("user-data", USER_DATA);
    }

    private static String awaitReady(Machine machine, int times) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Pattern ready = Pattern.compile("TINY-READY .*uptime=\\S+");
        while (true) {
            String console = new String(machine.console(256 << 10), StandardCharsets.ISO_8859_1);
            Matcher found = ready.matcher(console);
            if (found.results().count() >= times) {
                return console;
            }
            assertThat(System.nanoTime()).as("console:%n%s", console).isLessThan(deadline);
            assertThat(machine.awaitEnd(Duration.ofMillis(50)))
                    .as("it ended; console:%n%s", console)
                    .isFalse();
        }
    }

    private void key(String type) throws Exception {
        Path file = temp.resolve(type);
        new LimitedCommand(List.of("ssh-keygen", "-q", "-t", type, "-N", "", "-f", file.toString()), PATIENCE)
                .succeed();
    }

    private String ssh(String keyType, String user, String script) throws Exception {
        return sshCommand(keyType, user, script).succeed();
    }

    private LimitedCommand sshCommand(String keyType, String user, String script) {
        var command = new ArrayList<>(List.of(
                "ssh",
                "-p",
                String.valueOf(sshPort),
                "-i",
                temp.resolve(keyType).toString()));
        command.addAll(options());
        command.addAll(List.of(user + "@127.0.0.1", script));
        return new LimitedCommand(command, PATIENCE);
    }

    private void scp(String mode, String from, String to) throws Exception {
        var command = new ArrayList<>(List.of("scp", mode, "-q", "-P", String.valueOf(sshPort)));
        command.addAll(List.of("-i", temp.resolve("ed25519").toString()));
        command.addAll(options());
        command.addAll(List.of(from, to));
        new LimitedCommand(command, PATIENCE).succeed();
    }

    private static List<String> options() {
        var words = new ArrayList<String>();
        for (String option : List.of(
                "BatchMode=yes",
                "IdentitiesOnly=yes",
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "LogLevel=ERROR")) {
            words.addAll(List.of("-o", option));
        }
        return words;
    }
}
