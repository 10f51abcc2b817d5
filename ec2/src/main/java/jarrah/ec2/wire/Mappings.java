package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Image;
import jarrah.ec2.compute.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Block device mappings, in and out. */
final class Mappings {
    private Mappings() {}

    /** {@code BlockDeviceMapping.N}: an entry with {@code NoDevice} has neither volume nor virtual name. */
    static List<Image.Mapping> read(Ec2Call call) {
        var mappings = new ArrayList<Image.Mapping>();
        for (Ec2Call entry : call.structures("BlockDeviceMapping")) {
            String device = entry.text("DeviceName");
            boolean none = entry.request().get(entry.prefix() + "NoDevice") != null;
            Optional<Image.Ebs> ebs =
                    none ? Optional.empty() : entry.structure("Ebs").map(Mappings::ebs);
            Optional<String> virtual = none ? Optional.empty() : entry.optional("VirtualName");
            if (!none && ebs.isEmpty() == virtual.isEmpty()) {
                throw Ec2Error.BLOCK_DEVICE.because(
                        "The entry for " + device + " must name either a volume, a virtual device, or no device.");
            }
            mappings.add(Images.checked(new Image.Mapping(device, virtual, ebs)));
        }
        return mappings;
    }

    private static Image.Ebs ebs(Ec2Call entry) {
        if (entry.flag("Encrypted").orElse(false)) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("Encrypted volumes are not supported.");
        }
        if (entry.optional("KmsKeyId").isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }
        if (entry.optional("OutpostArn").isPresent()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("OutpostArn is not supported.");
        }
        return new Image.Ebs(
                entry.optional("SnapshotId"),
                entry.integer("VolumeSize").orElse(0),
                entry.optional("VolumeType").orElse(""),
                entry.flag("DeleteOnTermination").orElse(true));
    }

    static void write(XmlWriter xml, List<Image.Mapping> mappings) {
        Ec2Call.items(xml, "blockDeviceMapping", mappings, mapping -> {
            xml.text("deviceName", mapping.device());
            Ec2Call.maybe(xml, "virtualName", mapping.virtualName());
            mapping.ebs().ifPresent(ebs -> {
                xml.start("ebs");
                Ec2Call.maybe(xml, "snapshotId", ebs.snapshotId());
                xml.text("volumeSize", ebs.sizeGibibytes())
                        .text("deleteOnTermination", ebs.deleteOnTermination())
                        .text("volumeType", ebs.volumeType())
                        .text("encrypted", false)
                        .end();
            });
        });
    }
}
