package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where new objects are copied to ("Replicating objects within and across Regions").
 *
 * @param role that the configuration names; kept, since copies are made by the store itself
 * @param rules by falling priority
 */
public record Replication(String role, List<Rule> rules) {
    private static final int MAX_RULES = 1_000;
    private static final String BUCKET_ARN = "arn:aws:s3:::";

    /**
     * A rule.
     *
     * @param bucket name of the destination
     * @param account owner of the copies, if it is not the source's
     * @param storageClass of the copies, if it is not the source's
     * @param deleteMarkers whether delete markers are copied too
     */
    public record Rule(
            String id,
            long priority,
            boolean enabled,
            ObjectFilter filter,
            String bucket,
            Optional<String> account,
            Optional<String> storageClass,
            boolean deleteMarkers) {}

    /** Reads a {@code ReplicationConfiguration}. */
    public static Replication of(XmlElement document) {
        Fields fields = Fields.of(document, "Role", "Rule");
        String role = fields.requiredText("Role");
        var rules = new ArrayList<Rule>();
        var ids = new HashSet<String>();
        for (XmlElement element : fields.all("Rule")) {
            Rule rule = rule(element, "rule-" + rules.size());
            if (!ids.add(rule.id())) {
                throw new InvalidArgument("Rule Id must be unique");
            }
            rules.add(rule);
        }
        if (rules.isEmpty() || rules.size() > MAX_RULES) {
            throw new MalformedXml();
        }
        rules.sort(Comparator.comparingLong(Rule::priority).reversed());
        return new Replication(role, rules);
    }

    private static Rule rule(XmlElement element, String newId) {
        Fields fields = Fields.of(
                element,
                "ID",
                "Priority",
                "Prefix",
                "Filter",
                "Status",
                "Destination",
                "DeleteMarkerReplication",
                "SourceSelectionCriteria",
                "ExistingObjectReplication");
        boolean current = fields.child("Filter").isPresent();
        if (current && fields.child("Prefix").isPresent()) {
            throw new MalformedXml();
        }
        if (current && fields.number("Priority").isEmpty()) {
            throw new InvalidRequest("Priority must be specified for this version of Cross Region Replication"
                    + " configuration schema. Please refer to S3 Developer Guide for more information.");
        }
        if (current && fields.child("DeleteMarkerReplication").isEmpty()) {
            throw new InvalidRequest("DeleteMarkerReplication must be specified for this version of Cross Region"
                    + " Replication configuration schema. Please refer to S3 Developer Guide for more information.");
        }
        Fields destination = Fields.of(
                fields.required("Destination"),
                "Bucket",
                "Account",
                "StorageClass",
                "AccessControlTranslation",
                "EncryptionConfiguration",
                "ReplicationTime",
                "Metrics");
        String arn = destination.requiredText("Bucket");
        if (!arn.startsWith(BUCKET_ARN) || arn.length() == BUCKET_ARN.length()) {
            throw new InvalidArgument("Invalid bucket ARN.", "Bucket", arn);
        }
        boolean markers = fields.child("DeleteMarkerReplication")
                .flatMap(found -> Fields.of(found, "Status").word("Status", Set.of("Enabled", "Disabled")))
                .map("Enabled"::equals)
                .orElse(!current);
        ObjectFilter filter = fields.child("Filter")
                .map(ObjectFilter::of)
                .orElseGet(() -> ObjectFilter.prefix(fields.text("Prefix").orElse("")));
        if (markers && !filter.tags().isEmpty()) {
            throw new InvalidRequest("Delete marker replication is not supported if any Tag filter is specified."
                    + " Please refer to S3 Developer Guide for more information.");
        }
        return new Rule(
                fields.text("ID").filter(text -> !text.isEmpty()).orElse(newId),
                fields.number("Priority").orElse(0L),
                fields.word("Status", Set.of("Enabled", "Disabled"))
                        .orElseThrow(MalformedXml::new)
                        .equals("Enabled"),
                filter,
                arn.substring(BUCKET_ARN.length()),
                destination.text("Account"),
                destination.text("StorageClass"),
                markers);
    }

    /** The rules that copy an object, one for each destination: that of the highest priority. */
    public List<Rule> of(String key, Map<String, String> tags, boolean deleteMarker) {
        var seen = new HashSet<String>();
        return rules.stream()
                .filter(rule -> rule.enabled()
                        && (!deleteMarker || rule.deleteMarkers())
                        && rule.filter().matches(key, 0, tags)
                        && seen.add(rule.bucket()))
                .toList();
    }
}
