package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Real machines through the aws CLI: booted, reached, outliving the server, stopped, started, and gone without a trace. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MachinesTest {
    private final Path directory;
    private final Shell shell;
    private final String image;
    private Region region;
    private Guests guests;

    MachinesTest(@TempDir Path directory) throws Exception {
        Guests.require("MachinesTest");
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
        guests = new Guests(region, shell, directory);
        boolean ready = false;
        try {
            image = Guests.tiny(region, "MachinesTest");
            guests.keyPair("me");
            shell.run("aws ec2 authorize-security-group-ingress --group-name default --protocol tcp --port 22"
                    + " --cidr 0.0.0.0/0");
            ready = true;
        } finally {
            if (!ready) {
                guests.destroy();
            }
        }
    }

    @AfterAll
    void destroy() throws Exception {
        guests.destroy();
    }

    /** kill -9 of the server, and a new one on the same data and ports. */
    private void restart() throws IOException {
        String[] ports = region.samePorts();
        region.kill();
        region = Region.start(directory.resolve("data"), ports);
        guests = new Guests(region, shell, directory);
    }

    /** How often the guest's kernel has said that it powers off. */
    private int powerDowns(String id) throws IOException {
        Path console = region.data().resolve("instances").resolve(id).resolve("console.log");
        return Files.readString(console, StandardCharsets.ISO_8859_1).split("reboot: Power down", -1).length - 1;
    }

    private List<String> volumeFiles() throws IOException {
        try (Stream<Path> files = Files.list(region.data().resolve("volumes"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("vol-"))
                    .toList();
        }
    }

    @Test
    void theRegionTellsWhatAnInstanceIsMadeOf() throws Exception {
        Files.writeString(directory.resolve("hello.sh"), "#!/bin/sh\necho \"USER-DATA-RAN on $(hostname)\"\n");
        // The smallest type with an instance store; memory is not taken before a guest touches it.
        String id = guests.run(
                image,
                "--instance-type m3.medium --key-name me --user-data file://hello.sh"
                        + " --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=first}]'");
        String console = guests.awaitReady(id, 1);
        String privateAddress = guests.attribute(id, "PrivateIpAddress");
        assertThat(console)
                .contains("TINY-READY id=" + id + " keys=1")
                .contains("USER-DATA-RAN on ip-" + privateAddress.replace('.', '-'));
        assertThat(guests.attribute(id, "Tags[0].Value")).isEqualTo("first");

        String address = guests.attribute(id, "PublicIpAddress");
        // 512-byte sectors of the type's 4 GB.
        assertThat(guests.ssh("me", address, "cat /sys/block/vdb/size; grep -c . /proc/partitions >/dev/null"))
                .isEqualTo("7812500\n");
        String volume = shell.run("aws ec2 describe-volumes --filters Name=attachment.instance-id,Values=" + id
                        + " --query 'Volumes[].[VolumeId,State,SnapshotId,Attachments[0].Device]' --output text")
                .strip();
        assertThat(volume).matches("vol-[0-9a-f]{17}\\s+in-use\\s+snap-[0-9a-f]{17}\\s+/dev/sda1");
        String[] words = volume.split("\\s+");
        assertThat(guests.ssh("me", address, "cat /sys/block/vda/serial").strip())
                .isEqualTo(words[0].replace("-", ""));
        assertThat(shell.run("aws ec2 describe-snapshots --snapshot-ids " + words[2]
                                + " --query 'Snapshots[0].[State,Progress]' --output text")
                        .strip())
                .isEqualTo("completed\t100%");

        assertThat(volumeFiles()).contains(words[0] + ".qcow2");
        long pid = guests.pid(id);
        shell.run("aws ec2 terminate-instances --instance-ids " + id);
        guests.awaitState(id, "terminated");
        assertThat(Guests.runs(pid)).isFalse();
        assertThat(volumeFiles()).doesNotContain(words[0] + ".qcow2");
        assertThat(shell.run("aws ec2 describe-volumes --query 'Volumes[].VolumeId' --output text"))
                .doesNotContain(words[0]);
        assertThat(guests.console(id)).contains("TINY-READY");
    }

    @Test
    void anInstanceOutlivesItsServerAndItsVolumeOutlivesItsMachine() throws Exception {
        String id = guests.run(image, "--key-name me");
        guests.awaitReady(id, 1);
        String address = guests.attribute(id, "PublicIpAddress");
        guests.ssh("me", address, "echo kept > /root/note; sync");
        long pid = guests.pid(id);

        restart();
        assertThat(guests.attribute(id, "State.Name")).isEqualTo("running");
        assertThat(guests.attribute(id, "PublicIpAddress")).isEqualTo(address);
        assertThat(guests.pid(id)).isEqualTo(pid);
        assertThat(guests.ssh(
                        "me", address, "cat /root/note; curl -s http://169.254.169.254/latest/meta-data/instance-id"))
                .isEqualTo("kept\n" + id);

        shell.run("aws ec2 stop-instances --instance-ids " + id);
        guests.awaitState(id, "stopped");
        assertThat(Guests.runs(pid)).isFalse();
        shell.run("aws ec2 start-instances --instance-ids " + id);
        guests.awaitReady(id, 2);
        address = guests.attribute(id, "PublicIpAddress");
        assertThat(guests.ssh("me", address, "cat /root/note")).isEqualTo("kept\n");

        // While the server is not there: it finds the machine gone, and nothing else touched.
        long second = guests.pid(id);
        String[] ports = region.samePorts();
        region.kill();
        shell.run("kill -9 " + second);
        region = Region.start(directory.resolve("data"), ports);
        guests = new Guests(region, shell, directory);
        guests.awaitState(id, "stopped");
        assertThat(guests.attribute(id, "StateReason.Code")).isEqualTo("Server.InternalError");
        assertThat(volumeFiles()).hasSize(1);

        // Again, and now it is the guest that ends, by itself.
        shell.run("aws ec2 start-instances --instance-ids " + id);
        guests.awaitState(id, "running");
        address = guests.attribute(id, "PublicIpAddress");
        // By ssh: the console keeps 64 KiB, which are less than three boots.
        long reachable = Guests.deadline();
        while (guests.trySsh("me", address, "true").exit() != 0) {
            assertThat(System.nanoTime()).as("the guest answers").isLessThan(reachable);
        }
        long third = guests.pid(id);
        int before = powerDowns(id);
        region.kill();
        guests.trySsh("me", address, "poweroff"); // which may cut the answer off
        long deadline = Guests.deadline();
        while (powerDowns(id) == before) {
            assertThat(System.nanoTime()).as("the guest powers off").isLessThan(deadline);
        }
        region = Region.start(directory.resolve("data"), ports);
        guests = new Guests(region, shell, directory);
        guests.awaitState(id, "stopped");
        assertThat(guests.attribute(id, "StateReason.Code")).isEqualTo("Client.InstanceInitiatedShutdown");
        assertThat(Guests.runs(third)).isFalse();

        shell.run("aws ec2 terminate-instances --instance-ids " + id);
        guests.awaitState(id, "terminated");
        assertThat(volumeFiles()).isEmpty();
        assertThat(guests.qemus()).isEmpty();
        assertThat(guests.taps()).isEmpty();
    }

    @Test
    void aMachineThatIsKilledIsDescribedAsStopped() throws Exception {
        String id = guests.run(image, "");
        guests.awaitState(id, "running");
        shell.run("kill -9 " + guests.pid(id));
        guests.awaitState(id, "stopped");
        assertThat(guests.attribute(id, "StateReason.Code")).isEqualTo("Server.InternalError");
        shell.run("aws ec2 terminate-instances --instance-ids " + id);
        guests.awaitState(id, "terminated");
    }
}
