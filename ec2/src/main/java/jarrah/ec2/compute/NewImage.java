package jarrah.ec2.compute;

import jarrah.machine.DeviceProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What RegisterImage asks for.
 *
 * @param location {@code BUCKET/[PREFIX/]NAME.manifest.xml}; empty for an image that begins with a snapshot
 * @param profile the devices that its machines get; empty to choose by its kind
 */
public record NewImage(
        Optional<String> location,
        Optional<String> name,
        String description,
        Optional<String> architecture,
        Optional<String> kernelId,
        Optional<String> ramdiskId,
        Optional<String> rootDeviceName,
        Optional<String> virtualization,
        List<Image.Mapping> mappings,
        Optional<Boolean> enaSupport,
        Optional<String> imdsSupport,
        Optional<String> bootMode,
        Optional<String> sriovNetSupport,
        Optional<DeviceProfile> profile,
        Map<String, String> tags) {}
