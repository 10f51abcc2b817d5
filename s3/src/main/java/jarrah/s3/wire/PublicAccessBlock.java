package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import java.nio.charset.StandardCharsets;

/**
 * What a bucket refuses to the public, whatever ACLs and policies say ("Blocking public access to your S3 storage").
 *
 * @param blockPublicAcls whether public ACLs are refused when they are set
 * @param ignorePublicAcls whether ACLs' grants to groups give nothing
 * @param blockPublicPolicy whether public policies are refused when they are set
 * @param restrictPublicBuckets whether a public policy gives something to the owner's account alone
 */
record PublicAccessBlock(
        boolean blockPublicAcls, boolean ignorePublicAcls, boolean blockPublicPolicy, boolean restrictPublicBuckets) {
    /** Nothing is blocked. */
    static final PublicAccessBlock OFF = new PublicAccessBlock(false, false, false, false);
    /** Everything is, as in a new bucket of AWS's. */
    static final PublicAccessBlock ON = new PublicAccessBlock(true, true, true, true);

    private static final String ROOT = "PublicAccessBlockConfiguration";

    /** As the store keeps it: four digits, 0 or 1, in the order of the components. */
    static PublicAccessBlock stored(byte[] bytes) {
        return new PublicAccessBlock(bytes[0] == '1', bytes[1] == '1', bytes[2] == '1', bytes[3] == '1');
    }

    byte[] toBytes() {
        String digits = (blockPublicAcls ? "1" : "0")
                + (ignorePublicAcls ? "1" : "0")
                + (blockPublicPolicy ? "1" : "0")
                + (restrictPublicBuckets ? "1" : "0");
        return digits.getBytes(StandardCharsets.US_ASCII);
    }

    static PublicAccessBlock parse(byte[] document) {
        XmlElement root = S3Request.xml(document, ROOT);
        return new PublicAccessBlock(
                flag(root, "BlockPublicAcls"),
                flag(root, "IgnorePublicAcls"),
                flag(root, "BlockPublicPolicy"),
                flag(root, "RestrictPublicBuckets"));
    }

    private static boolean flag(XmlElement root, String name) {
        String text = root.childText(name);
        if (text != null && !text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new S3WireException.MalformedXml();
        }
        return "true".equalsIgnoreCase(text);
    }

    XmlWriter toXml() {
        return new XmlWriter(ROOT, S3Request.NAMESPACE)
                .text("BlockPublicAcls", blockPublicAcls)
                .text("IgnorePublicAcls", ignorePublicAcls)
                .text("BlockPublicPolicy", blockPublicPolicy)
                .text("RestrictPublicBuckets", restrictPublicBuckets);
    }
}
