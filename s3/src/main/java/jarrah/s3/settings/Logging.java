package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.Optional;
import java.util.Set;

/**
 * Where the access log of a bucket goes ("Logging requests with server access logging").
 *
 * @param target bucket for the log; empty if there is none to be kept
 * @param prefix of the log's keys
 * @param byDate whether keys are parted by source and date ({@code PartitionedPrefix})
 * @param byEventTime whether that date is the requests', else it is the delivery's
 */
public record Logging(Optional<String> target, String prefix, boolean byDate, boolean byEventTime) {
    /** Reads a {@code BucketLoggingStatus}. */
    public static Logging of(XmlElement document) {
        Optional<XmlElement> enabled = Fields.of(document, "LoggingEnabled").child("LoggingEnabled");
        if (enabled.isEmpty()) {
            return new Logging(Optional.empty(), "", false, false);
        }
        Fields fields =
                Fields.of(enabled.get(), "TargetBucket", "TargetPrefix", "TargetGrants", "TargetObjectKeyFormat");
        Optional<Fields> format = fields.child("TargetObjectKeyFormat")
                .map(element -> Fields.of(element, "SimplePrefix", "PartitionedPrefix"));
        Optional<Fields> parted = format.flatMap(found -> found.child("PartitionedPrefix"))
                .map(element -> Fields.of(element, "PartitionDateSource"));
        boolean byEvent = parted.flatMap(
                        found -> found.word("PartitionDateSource", Set.of("EventTime", "DeliveryTime")))
                .map("EventTime"::equals)
                .orElse(false);
        if (format.isPresent()
                && parted.isPresent() == format.get().child("SimplePrefix").isPresent()) {
            throw new MalformedXml();
        }
        return new Logging(
                Optional.of(fields.requiredText("TargetBucket")),
                fields.text("TargetPrefix").orElse(""),
                parted.isPresent(),
                byEvent);
    }
}
