package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How objects are encrypted for which a writer does not say it ("Setting default server-side encryption behavior").
 *
 * @param algorithm {@code AES256}, {@code aws:kms} or {@code aws:kms:dsse}
 * @param keyId of the KMS key; empty for the account's own {@code aws/s3}
 * @param bucketKey whether a key of the bucket spares calls to KMS
 */
public record BucketEncryption(String algorithm, Optional<String> keyId, boolean bucketKey) {
    private static final Set<String> ALGORITHMS = Set.of("AES256", "aws:kms", "aws:kms:dsse");

    /** Reads a {@code ServerSideEncryptionConfiguration}, which has one rule. */
    public static BucketEncryption of(XmlElement document) {
        List<XmlElement> rules = Fields.of(document, "Rule").all("Rule");
        if (rules.size() != 1) {
            throw new MalformedXml();
        }
        Fields rule = Fields.of(
                rules.getFirst(), "ApplyServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes");
        Fields byDefault =
                Fields.of(rule.required("ApplyServerSideEncryptionByDefault"), "SSEAlgorithm", "KMSMasterKeyID");
        String algorithm = byDefault.word("SSEAlgorithm", ALGORITHMS).orElseThrow(MalformedXml::new);
        Optional<String> keyId = byDefault.text("KMSMasterKeyID").filter(text -> !text.isEmpty());
        if (keyId.isPresent() && algorithm.equals("AES256")) {
            throw new InvalidArgument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
        }
        return new BucketEncryption(
                algorithm, keyId, rule.flag("BucketKeyEnabled").orElse(false));
    }
}
