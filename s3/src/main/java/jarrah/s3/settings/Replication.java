package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import jarrah.s3.settings.SettingsException.NotServed;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.ReplicationRules;
import jarrah.s3.store.StoredObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where new objects are copied to ("Replicating objects within and across Regions").
 *
 * @param role that the configuration names; kept, since copies are made by the store itself
 * @param rules by falling priority
 */
public record Replication(String role, List<Rule> rules) implements ReplicationRules {
    private static final int MAX_RULES = 1_000;
    /** Their names stand in the record of each version. */
    private static final int MAX_DESTINATIONS = 100;

    private static final Set<String> CLASSES = Set.of(
            "STANDARD",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "GLACIER_IR",
            "DEEP_ARCHIVE");
    private static final Pattern ROLE = Pattern.compile("arn:aws:iam::\\d{12}:role/[\\w+=,.@/-]{1,512}");
    private static final String BUCKET_ARN = "arn:aws:s3:::";

    /**
     * A rule.
     *
     * @param bucket name of the destination
     * @param account owner of the copies, if it is not the source's
     * @param storageClass of the copies, if it is not the source's
     * @param deleteMarkers whether delete markers are copied too
     * @param ownedByDestination whether the copies are the destination's owner's
     * @param keyId of KMS, for the copies of what is encrypted with a key of KMS; empty if such objects are left out
     */
    public record Rule(
            String id,
            long priority,
            boolean enabled,
            ObjectFilter filter,
            String bucket,
            Optional<String> account,
            Optional<String> storageClass,
            boolean deleteMarkers,
            boolean ownedByDestination,
            Optional<String> keyId) {}

    /** Reads a {@code ReplicationConfiguration}. */
    public static Replication of(XmlElement document) {
        Fields fields = Fields.of(document, "Role", "Rule");
        String role = fields.requiredText("Role");
        if (!ROLE.matcher(role).matches()) {
            throw new InvalidArgument("Invalid Role ARN.", "Role", role);
        }
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
        if (rules.stream().map(Rule::bucket).distinct().count() > MAX_DESTINATIONS) {
            throw new InvalidRequest("The number of destination buckets must not exceed " + MAX_DESTINATIONS + ".");
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
        Optional<Fields> selection = fields.child("SourceSelectionCriteria")
                .map(found -> Fields.of(found, "SseKmsEncryptedObjects", "ReplicaModifications"));
        boolean encrypted =
                selection.map(found -> enabled(found, "SseKmsEncryptedObjects")).orElse(false);
        Optional<String> keyId = destination
                .child("EncryptionConfiguration")
                .map(found -> Fields.of(found, "ReplicaKmsKeyID").requiredText("ReplicaKmsKeyID"));
        if (encrypted != keyId.isPresent()) {
            throw new InvalidRequest(
                    "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present, and vice versa.");
        }
        if (selection.map(found -> enabled(found, "ReplicaModifications")).orElse(false)) {
            throw new NotServed("ReplicaModifications");
        }
        if (enabled(fields, "ExistingObjectReplication")) {
            throw new NotServed("ExistingObjectReplication");
        }
        boolean translated = destination
                .child("AccessControlTranslation")
                .map(found -> Fields.of(found, "Owner"))
                .map(found -> found.word("Owner", Set.of("Destination")).orElseThrow(MalformedXml::new))
                .isPresent();
        if (translated && destination.text("Account").isEmpty()) {
            throw new InvalidRequest("Account must be specified with AccessControlTranslation.");
        }
        if (destination
                .text("StorageClass")
                .filter(name -> !CLASSES.contains(name))
                .isPresent()) {
            throw new MalformedXml();
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
                markers,
                translated,
                keyId);
    }

    private static boolean enabled(Fields fields, String name) {
        return fields.child(name)
                .map(found -> Fields.of(found, "Status")
                        .word("Status", Set.of("Enabled", "Disabled"))
                        .orElseThrow(MalformedXml::new))
                .map("Enabled"::equals)
                .orElse(false);
    }

    /** Reads the document that a bucket's settings keep. */
    public static Replication read(byte[] document) {
        try {
            return of(XmlElement.parse(document));
        } catch (XmlElement.MalformedXml damaged) {
            throw new IllegalStateException("A setting that was read before", damaged);
        }
    }

    @Override
    public List<String> destinations(StoredObject version) {
        return rules(version).stream().map(Rule::bucket).toList();
    }

    /** The rule by which a version goes to a bucket; empty if none wants it there any more. */
    public Optional<Rule> rule(StoredObject version, String bucket) {
        return rules.stream()
                .filter(rule -> rule.enabled()
                        && rule.bucket().equals(bucket)
                        && version.key().startsWith(rule.filter().prefix()))
                .findFirst();
    }

    private List<Rule> rules(StoredObject version) {
        boolean byKms = version.encryption()
                .map(there -> there.kind() == Encryption.Kind.KMS || there.kind() == Encryption.Kind.KMS_DSSE)
                .orElse(false);
        return of(version.key(), version.tags(), version.deleteMarker()).stream()
                .filter(rule -> !byKms || rule.keyId().isPresent())
                .toList();
    }

    /** The rules that copy an object, one for each destination: that of the highest priority. */
    private List<Rule> of(String key, Map<String, String> tags, boolean deleteMarker) {
        var seen = new HashSet<String>();
        return rules.stream()
                .filter(rule -> rule.enabled()
                        && (!deleteMarker || rule.deleteMarkers())
                        && rule.filter().matches(key, 0, tags)
                        && seen.add(rule.bucket()))
                .toList();
    }
}
