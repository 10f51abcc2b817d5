package jarrah.ec2.metadata;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an instance may read about itself.
 *
 * @param amiLaunchIndex its number among those launched by the same request, from 0
 * @param manifestPath where its image was registered from; {@code (unknown)} for an EBS-backed image
 * @param publicKeys names of key pairs with their OpenSSH public key, in order
 * @param blockDevices virtual name ({@code ami}, {@code root}, {@code ephemeral0}, {@code ebs1}) to device name
 * @param userData its user data, byte for byte; empty for none
 * @param httpTokensRequired whether only IMDSv2 is answered
 * @param instanceTags tags that the instance may read; empty if it may not
 * @param profile the instance profile; empty for none
 */
public record InstanceMetadata(
        String accountId,
        String instanceId,
        String reservationId,
        String imageId,
        String instanceType,
        String architecture,
        int amiLaunchIndex,
        String manifestPath,
        Optional<String> kernelId,
        Optional<String> ramdiskId,
        String region,
        String availabilityZone,
        String privateDnsName,
        String privateAddress,
        Optional<String> publicDnsName,
        Optional<String> publicAddress,
        String mac,
        String networkInterfaceId,
        String subnetId,
        String subnetCidr,
        String vpcId,
        String vpcCidr,
        List<String> securityGroupNames,
        List<String> securityGroupIds,
        Map<String, String> publicKeys,
        Map<String, String> blockDevices,
        Optional<byte[]> userData,
        boolean httpTokensRequired,
        int hopLimit,
        Map<String, String> instanceTags,
        Instant launchTime,
        Optional<Profile> profile) {
    /** An instance profile with the credentials of its role. */
    public record Profile(
            String arn,
            String id,
            String roleName,
            String accessKeyId,
            String secretAccessKey,
            String sessionToken,
            Instant lastUpdated,
            Instant expiration) {}
}
