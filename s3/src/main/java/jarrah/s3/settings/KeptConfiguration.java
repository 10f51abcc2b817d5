package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.Map;
import java.util.Set;

/**
 * Configurations that are kept and given back, and change nothing: of analytics, inventory, metrics and intelligent
 * tiering, whose reports and tiers are AWS's own.
 */
public final class KeptConfiguration {
    /** The most of one kind that a bucket can have. */
    public static final int MAX = 1_000;

    private static final int MAX_ID = 64;
    private static final Map<String, Set<String>> REQUIRED = Map.of(
            "AnalyticsConfiguration", Set.of("Id", "StorageClassAnalysis"),
            "IntelligentTieringConfiguration", Set.of("Id", "Status", "Tiering"),
            "InventoryConfiguration", Set.of("Id", "Destination", "IsEnabled", "IncludedObjectVersions", "Schedule"),
            "MetricsConfiguration", Set.of("Id"));

    private KeptConfiguration() {}

    /**
     * Checks a document.
     *
     * @param id that the request names
     */
    public static void require(XmlElement document, String id) {
        if (!Set.copyOf(document.children().stream().map(XmlElement::name).toList())
                .containsAll(REQUIRED.getOrDefault(document.name(), Set.of()))) {
            throw new MalformedXml();
        }
        requireId(id);
        if (!id.equals(document.childText("Id"))) {
            throw new InvalidArgument("The Id in the document is not that of the request", "id", id);
        }
    }

    /** Checks the id of a request. */
    public static void requireId(String id) {
        if (id.isEmpty() || id.length() > MAX_ID || !id.matches("[A-Za-z0-9_.-]+")) {
            throw new InvalidArgument("The id is not 1 to 64 letters, digits, '_', '.' or '-'", "id", id);
        }
    }
}
