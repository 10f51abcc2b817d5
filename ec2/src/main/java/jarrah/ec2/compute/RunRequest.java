package jarrah.ec2.compute;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What RunInstances asks for.
 *
 * @param minimum the fewest instances to launch, at least 1
 * @param maximum the most, at least the minimum
 * @param groupIds security groups; empty for the default group
 * @param mappings devices that replace or add to the image's; a device without volume and virtual name is left out
 * @param clientToken makes a repetition harmless
 * @param parametersDigest what the token is bound to
 * @param instanceTags tags of the instances
 * @param volumeTags tags of the volumes made at launch
 * @param nicTags tags of the network interfaces made at launch
 * @param nicDescription of the network interfaces; empty for none
 */
public record RunRequest(
        String imageId,
        int minimum,
        int maximum,
        String type,
        Optional<String> keyName,
        List<String> groupIds,
        Optional<String> subnetId,
        Optional<String> zone,
        Optional<String> privateAddress,
        Optional<Boolean> associatePublicAddress,
        Optional<String> kernelId,
        Optional<String> ramdiskId,
        List<Image.Mapping> mappings,
        Instance.Options options,
        Optional<String> clientToken,
        String parametersDigest,
        Map<String, String> instanceTags,
        Map<String, String> volumeTags,
        Map<String, String> nicTags,
        String nicDescription) {}
