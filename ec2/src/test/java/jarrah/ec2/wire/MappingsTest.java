package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.aws.RequestId;
import jarrah.ec2.compute.Ec2Exception;
import jarrah.ec2.compute.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Block device mappings of requests. */
class MappingsTest {
    private static List<Image.Mapping> read(String... parameters) {
        String[] full = parameters.clone();
        for (int i = 0; i < full.length; i += 2) {
            full[i] = "BlockDeviceMapping." + full[i];
        }
        return Mappings.read(new Ec2Call(Calls.request("RunInstances", full), "", Calls.CALLER, RequestId.query()));
    }

    private static void refused(String code, String... parameters) {
        assertThatThrownBy(() -> read(parameters))
                .isInstanceOfSatisfying(
                        Ec2Exception.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void anEntryIsAVolumeAVirtualDeviceOrNoDevice() {
        assertThat(read(
                        "1.DeviceName", "/dev/sdf",
                        "1.Ebs.SnapshotId", "snap-0123456789abcdef0",
                        "1.Ebs.VolumeSize", "12",
                        "1.Ebs.VolumeType", "gp2",
                        "1.Ebs.DeleteOnTermination", "false",
                        "2.DeviceName", "sdb",
                        "2.VirtualName", "ephemeral0",
                        "3.DeviceName", "/dev/xvdc",
                        "3.NoDevice", ""))
                .containsExactly(
                        new Image.Mapping(
                                "/dev/sdf",
                                Optional.empty(),
                                Optional.of(new Image.Ebs(Optional.of("snap-0123456789abcdef0"), 12, "gp2", false))),
                        new Image.Mapping("sdb", Optional.of("ephemeral0"), Optional.empty()),
                        new Image.Mapping("/dev/xvdc", Optional.empty(), Optional.empty()));
    }

    @Test
    void whatIsLeftOutIsLeftToTheImage() {
        assertThat(read("1.DeviceName", "/dev/sda1", "1.Ebs.DeleteOnTermination", "true"))
                .containsExactly(new Image.Mapping(
                        "/dev/sda1", Optional.empty(), Optional.of(new Image.Ebs(Optional.empty(), 0, "", true))));
    }

    @Test
    void entriesThatMeanNothingAreRefused() {
        refused("MissingParameter", "1.VirtualName", "ephemeral0");
        refused("InvalidBlockDeviceMapping", "1.DeviceName", "/dev/sdf");
        refused(
                "InvalidBlockDeviceMapping",
                "1.DeviceName",
                "/dev/sdf",
                "1.VirtualName",
                "ephemeral0",
                "1.Ebs.VolumeSize",
                "1");
        refused("InvalidParameterValue", "1.DeviceName", "/etc/passwd", "1.VirtualName", "ephemeral0");
        refused("InvalidParameterValue", "1.DeviceName", "/dev/sdb", "1.VirtualName", "ephemeral24");
        refused("InvalidParameterValue", "1.DeviceName", "/dev/sdb", "1.Ebs.VolumeSize", "big");
        refused("UnsupportedOperation", "1.DeviceName", "/dev/sdb", "1.Ebs.Encrypted", "true");
    }

    private static String[] volume(String... more) {
        String[] parameters = Arrays.copyOf(more, more.length + 2);
        parameters[more.length] = "1.DeviceName";
        parameters[more.length + 1] = "/dev/sdb";
        return parameters;
    }

    @Test
    void noVolumeIsPromisedARateButThatOfEveryGp3() {
        assertThat(read(volume("1.Ebs.VolumeType", "gp3", "1.Ebs.Iops", "3000", "1.Ebs.Throughput", "125")))
                .hasSize(1);
        refused("UnsupportedOperation", volume("1.Ebs.VolumeType", "gp3", "1.Ebs.Iops", "3001"));
        refused("UnsupportedOperation", volume("1.Ebs.VolumeType", "gp3", "1.Ebs.Throughput", "250"));
        refused("UnsupportedOperation", volume("1.Ebs.VolumeType", "io1", "1.Ebs.Iops", "100"));
        refused("MissingParameter", volume("1.Ebs.VolumeType", "io2"));
        refused("InvalidParameterCombination", volume("1.Ebs.VolumeType", "gp2", "1.Ebs.Iops", "3000"));
        refused("InvalidParameterCombination", volume("1.Ebs.Throughput", "125"));
    }
}
