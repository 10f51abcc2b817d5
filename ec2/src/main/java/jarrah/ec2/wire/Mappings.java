package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Ec2Exception;
import jarrah.ec2.compute.Image;
import jarrah.ec2.compute.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Block device mappings, in and out. */
final class Mappings {
    /** What AWS promises a gp3 volume of any size ("Amazon EBS General Purpose SSD volumes"): per second, and MiB/s. */
    private static final int GP3_IOPS = 3_000;

    private static final int GP3_THROUGHPUT = 125;

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
        checkRates(entry);
        return new Image.Ebs(
                entry.optional("SnapshotId"),
                entry.integer("VolumeSize").orElse(0),
                entry.optional("VolumeType").orElse(""),
                entry.flag("DeleteOnTermination").orElse(true));
    }

    /** Rates are neither provisioned nor limited here: none can be had but those that every gp3 volume is promised. */
    private static void checkRates(Ec2Call entry) {
        String type = entry.optional("VolumeType").orElse("");
        Optional<Integer> iops = entry.integer("Iops");
        Optional<Integer> throughput = entry.integer("Throughput");
        boolean provisioned = type.equals("io1") || type.equals("io2");
        if (provisioned && iops.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The parameter iops must be specified for " + type + " volumes.");
        }
        if (iops.isPresent() && !provisioned && !type.equals("gp3")) {
            throw wrongType("iops", type);
        }
        if (throughput.isPresent() && !type.equals("gp3")) {
            throw wrongType("throughput", type);
        }
        if (iops.filter(rate -> provisioned || rate != GP3_IOPS).isPresent()
                || throughput.filter(rate -> rate != GP3_THROUGHPUT).isPresent()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("Rates of volumes are not provisioned: of type gp3, with "
                    + GP3_IOPS + " IOPS and " + GP3_THROUGHPUT + " MiB/s, or of a type without them.");
        }
    }

    private static Ec2Exception wrongType(String parameter, String type) {
        return Ec2Error.INVALID_PARAMETER_COMBINATION.because("The parameter " + parameter + " is not supported for "
                + (type.isEmpty() ? "these" : type) + " volumes.");
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
