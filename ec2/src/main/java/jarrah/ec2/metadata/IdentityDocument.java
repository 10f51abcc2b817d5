package jarrah.ec2.metadata;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON documents of the metadata service. */
final class IdentityDocument {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private IdentityDocument() {}

    /** The instance identity document, version 2017-09-30. */
    static String of(InstanceMetadata instance) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("accountId", instance.accountId());
        fields.put("architecture", instance.architecture());
        fields.put("availabilityZone", instance.availabilityZone());
        fields.put("billingProducts", null);
        fields.put("devpayProductCodes", null);
        fields.put("marketplaceProductCodes", null);
        fields.put("imageId", instance.imageId());
        fields.put("instanceId", instance.instanceId());
        fields.put("instanceType", instance.instanceType());
        fields.put("kernelId", instance.kernelId().orElse(null));
        fields.put("pendingTime", time(instance.launchTime()));
        fields.put("privateIp", instance.privateAddress());
        fields.put("ramdiskId", instance.ramdiskId().orElse(null));
        fields.put("region", instance.region());
        fields.put("version", "2017-09-30");
        return JSON.writeValueAsString(fields);
    }

    /** What {@code iam/info} says. */
    static String profile(InstanceMetadata.Profile profile) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Code", "Success");
        fields.put("LastUpdated", time(profile.lastUpdated()));
        fields.put("InstanceProfileArn", profile.arn());
        fields.put("InstanceProfileId", profile.id());
        return JSON.writeValueAsString(fields);
    }

    /** What {@code iam/security-credentials/ROLE} says. */
    static String credentials(InstanceMetadata.Profile profile) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Code", "Success");
        fields.put("LastUpdated", time(profile.lastUpdated()));
        fields.put("Type", "AWS-HMAC");
        fields.put("AccessKeyId", profile.accessKeyId());
        fields.put("SecretAccessKey", profile.secretAccessKey());
        fields.put("Token", profile.sessionToken());
        fields.put("Expiration", time(profile.expiration()));
        return JSON.writeValueAsString(fields);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
