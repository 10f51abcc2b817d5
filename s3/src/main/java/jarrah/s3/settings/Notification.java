package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Who is told of what happens in a bucket ("Amazon S3 Event Notifications"). */
public record Notification(List<Target> targets) {
    private static final Set<String> EVENTS = Set.of(
            "s3:ObjectCreated:*",
            "s3:ObjectCreated:Put",
            "s3:ObjectCreated:Post",
            "s3:ObjectCreated:Copy",
            "s3:ObjectCreated:CompleteMultipartUpload",
            "s3:ObjectRemoved:*",
            "s3:ObjectRemoved:Delete",
            "s3:ObjectRemoved:DeleteMarkerCreated",
            "s3:ObjectRestore:*",
            "s3:ObjectRestore:Post",
            "s3:ObjectRestore:Completed",
            "s3:ObjectRestore:Delete",
            "s3:ReducedRedundancyLostObject",
            "s3:Replication:*",
            "s3:Replication:OperationFailedReplication",
            "s3:Replication:OperationNotTracked",
            "s3:Replication:OperationMissedThreshold",
            "s3:Replication:OperationReplicatedAfterThreshold",
            "s3:ObjectTagging:*",
            "s3:ObjectTagging:Put",
            "s3:ObjectTagging:Delete",
            "s3:ObjectAcl:Put",
            "s3:LifecycleExpiration:*",
            "s3:LifecycleExpiration:Delete",
            "s3:LifecycleExpiration:DeleteMarkerCreated",
            "s3:LifecycleTransition",
            "s3:IntelligentTiering");
    private static final Pattern ARN = Pattern.compile("arn:[^:]*:(sns|sqs|lambda):[^:]*:[^:]*:(?:function:)?(.+)");
    private static final int MAX_FILTER = 1_024;

    /**
     * Somebody to tell.
     *
     * @param name the last part of the ARN, by which the configuration knows where to send
     * @param events names of events, some ending in {@code *}
     * @param prefix of keys
     * @param suffix of keys
     */
    public record Target(String id, String arn, String name, List<String> events, String prefix, String suffix) {
        /** Whether it wants to know of an event, e.g. {@code s3:ObjectCreated:Put}. */
        public boolean wants(String event, String key) {
            return key.startsWith(prefix)
                    && key.endsWith(suffix)
                    && events.stream()
                            .anyMatch(pattern -> pattern.endsWith("*")
                                    ? event.startsWith(pattern.substring(0, pattern.length() - 1))
                                    : event.equals(pattern));
        }
    }

    /**
     * Reads a {@code NotificationConfiguration}.
     *
     * @param newId an id for a target that has none
     */
    public static Notification of(XmlElement document, java.util.function.Function<Integer, String> newId) {
        Fields fields = Fields.of(
                document,
                "QueueConfiguration",
                "TopicConfiguration",
                "CloudFunctionConfiguration",
                "EventBridgeConfiguration");
        if (fields.child("EventBridgeConfiguration").isPresent()) {
            throw new InvalidArgument("Events cannot be sent to EventBridge here");
        }
        var targets = new ArrayList<Target>();
        for (XmlElement child : document.children()) {
            String kind = child.name().replace("Configuration", "");
            targets.add(target(child, kind, newId.apply(targets.size())));
        }
        if (targets.stream().map(Target::id).distinct().count() < targets.size()) {
            throw new InvalidArgument("Same ID used for multiple configurations. IDs must be unique");
        }
        return new Notification(targets);
    }

    private static Target target(XmlElement element, String kind, String newId) {
        Fields fields = Fields.of(element, "Id", kind, "Event", "Filter");
        String arn = fields.requiredText(kind);
        var match = ARN.matcher(arn);
        if (!match.matches()) {
            throw new InvalidArgument("The ARN could not be parsed", kind, arn);
        }
        List<String> events = fields.texts("Event");
        if (events.isEmpty()) {
            throw new MalformedXml();
        }
        for (String event : events) {
            if (!EVENTS.contains(event)) {
                throw new InvalidArgument(
                        "The event '" + event + "' is not supported for notifications", "Event", event);
            }
        }
        Optional<XmlElement> filter = fields.child("Filter")
                .flatMap(found -> Fields.of(found, "S3Key").child("S3Key"));
        String prefix = "";
        String suffix = "";
        int prefixes = 0;
        int suffixes = 0;
        for (XmlElement rule : filter.map(
                        found -> Fields.of(found, "FilterRule").all("FilterRule"))
                .orElse(List.of())) {
            Fields pair = Fields.of(rule, "Name", "Value");
            String value = pair.text("Value").orElse("");
            switch (pair.requiredText("Name").toLowerCase(Locale.ROOT)) {
                case "prefix" -> {
                    prefix = value;
                    prefixes++;
                }
                case "suffix" -> {
                    suffix = value;
                    suffixes++;
                }
                default -> throw new InvalidArgument("filter rule name must be either prefix or suffix");
            }
            if (value.length() > MAX_FILTER || prefixes > 1 || suffixes > 1) {
                throw new InvalidArgument("Cannot specify more than one prefix or suffix rule in a filter.");
            }
        }
        return new Target(
                fields.text("Id").filter(text -> !text.isEmpty()).orElse(newId),
                arn,
                match.group(2),
                events,
                prefix,
                suffix);
    }
}
