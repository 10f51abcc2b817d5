package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** When objects expire or change their storage class ("Managing the lifecycle of objects"). */
public record Lifecycle(List<Rule> rules) {
    private static final int MAX_RULES = 1_000;
    private static final int MAX_ID = 255;
    /** Days for which an object stays in STANDARD before it may move to one of these. */
    private static final Set<String> AFTER_30_DAYS = Set.of("STANDARD_IA", "ONEZONE_IA");

    private static final Set<String> CLASSES =
            Set.of("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE");

    /**
     * A rule.
     *
     * @param noncurrentExpiration what happens to versions that are no longer current
     * @param abortUploadsDays after which unfinished multipart uploads end
     */
    public record Rule(
            String id,
            boolean enabled,
            ObjectFilter filter,
            Optional<Expiration> expiration,
            List<Transition> transitions,
            Optional<Noncurrent> noncurrentExpiration,
            List<NoncurrentTransition> noncurrentTransitions,
            Optional<Integer> abortUploadsDays) {}

    /** When the current version ends: after days, from a date on, or if only its delete marker is left. */
    public record Expiration(Optional<Integer> days, Optional<Instant> date, boolean deleteMarkers) {}

    /** When the storage class changes. */
    public record Transition(Optional<Integer> days, Optional<Instant> date, String storageClass) {}

    /**
     * Versions that are no longer current.
     *
     * @param days since they are not
     * @param keep the newest ones that stay however old they are
     */
    public record Noncurrent(Optional<Integer> days, int keep) {}

    /** When versions that are no longer current change their storage class. */
    public record NoncurrentTransition(Noncurrent after, String storageClass) {}

    /**
     * Reads a {@code LifecycleConfiguration}.
     *
     * @param newId makes an id for a rule that has none
     * @param longDays whether a day is one: with days of seconds the least numbers of days are not asked for
     */
    public static Lifecycle of(XmlElement document, Function<Integer, String> newId, boolean longDays) {
        var rules = new ArrayList<Rule>();
        var ids = new HashSet<String>();
        Fields root = Fields.of(document, "Rule", "TransitionDefaultMinimumObjectSize");
        for (XmlElement element : root.all("Rule")) {
            Rule rule = rule(element, newId.apply(rules.size()), longDays);
            if (!ids.add(rule.id())) {
                throw new InvalidArgument("Rule ID must be unique. Found same ID for more than one rule");
            }
            rules.add(rule);
        }
        if (rules.isEmpty() || rules.size() > MAX_RULES) {
            throw new MalformedXml();
        }
        return new Lifecycle(rules);
    }

    private static Rule rule(XmlElement element, String newId, boolean longDays) {
        Fields fields = Fields.of(
                element,
                "ID",
                "Status",
                "Prefix",
                "Filter",
                "Expiration",
                "Transition",
                "NoncurrentVersionExpiration",
                "NoncurrentVersionTransition",
                "AbortIncompleteMultipartUpload");
        String id = fields.text("ID").filter(text -> !text.isEmpty()).orElse(newId);
        if (id.length() > MAX_ID) {
            throw new InvalidArgument("ID length should not exceed allowed limit of 255");
        }
        String status = fields.word("Status", Set.of("Enabled", "Disabled")).orElseThrow(MalformedXml::new);
        Optional<String> prefix = fields.text("Prefix");
        Optional<XmlElement> filter = fields.child("Filter");
        if (prefix.isPresent() == filter.isPresent()) {
            throw new MalformedXml();
        }
        var rule = new Rule(
                id,
                status.equals("Enabled"),
                filter.map(ObjectFilter::of).orElseGet(() -> ObjectFilter.prefix(prefix.orElse(""))),
                fields.child("Expiration").map(Lifecycle::expiration),
                fields.all("Transition").stream()
                        .map(each -> transition(each, longDays))
                        .toList(),
                fields.child("NoncurrentVersionExpiration").map(Lifecycle::noncurrentExpiration),
                fields.all("NoncurrentVersionTransition").stream()
                        .map(each -> noncurrentTransition(each, longDays))
                        .toList(),
                fields.child("AbortIncompleteMultipartUpload").map(Lifecycle::abortDays));
        requireSense(rule);
        return rule;
    }

    private static void requireSense(Rule rule) {
        if (rule.expiration().isEmpty()
                && rule.transitions().isEmpty()
                && rule.noncurrentExpiration().isEmpty()
                && rule.noncurrentTransitions().isEmpty()
                && rule.abortUploadsDays().isEmpty()) {
            throw new InvalidRequest("At least one action needs to be specified in a rule");
        }
        boolean markers = rule.expiration().map(Expiration::deleteMarkers).orElse(false);
        if (!rule.filter().tags().isEmpty()) {
            if (rule.abortUploadsDays().isPresent()) {
                throw new InvalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
            }
            if (markers) {
                throw new InvalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.");
            }
        }
        Optional<Integer> end = rule.expiration().flatMap(Expiration::days);
        for (Transition transition : rule.transitions()) {
            if (end.isPresent()
                    && transition.days().isPresent()
                    && end.get() <= transition.days().get()) {
                throw new InvalidArgument("'Days' in the Expiration action for filter '(prefix="
                        + rule.filter().prefix() + ")' must be greater than 'Days' in the Transition action");
            }
            boolean byDate = transition.date().isPresent();
            if (rule.expiration().isPresent()
                    && !markers
                    && byDate != rule.expiration().get().date().isPresent()) {
                throw new InvalidRequest("Found mixed 'Date' and 'Days' based Expiration and Transition actions"
                        + " in lifecycle rule for filter '(prefix="
                        + rule.filter().prefix() + ")'");
            }
        }
        var classes = new HashSet<String>();
        for (Transition transition : rule.transitions()) {
            if (!classes.add(transition.storageClass())) {
                throw new InvalidRequest("'StorageClass' must be different for 'Transition' actions in same 'Rule'");
            }
        }
    }

    private static Expiration expiration(XmlElement element) {
        Fields fields = Fields.of(element, "Days", "Date", "ExpiredObjectDeleteMarker");
        if (element.children().size() != 1) {
            throw new MalformedXml();
        }
        return new Expiration(
                days(fields, "Days", "Expiration", 1),
                fields.text("Date").map(Lifecycle::date),
                fields.flag("ExpiredObjectDeleteMarker").orElse(false));
    }

    private static Transition transition(XmlElement element, boolean longDays) {
        Fields fields = Fields.of(element, "Days", "Date", "StorageClass");
        String storageClass = storageClass(fields);
        Optional<Integer> days = days(fields, "Days", "Transition", 0);
        Optional<Instant> date = fields.text("Date").map(Lifecycle::date);
        if (days.isPresent() == date.isPresent()) {
            throw new MalformedXml();
        }
        requireLong(days, "Days", "Transition", storageClass, longDays);
        return new Transition(days, date, storageClass);
    }

    private static void requireLong(
            Optional<Integer> days, String name, String action, String storageClass, boolean longDays) {
        if (longDays && days.isPresent() && days.get() < 30 && AFTER_30_DAYS.contains(storageClass)) {
            throw new InvalidArgument("'" + name + "' in " + action
                    + " action must be greater than or equal to 30 for storageClass '" + storageClass + "'");
        }
    }

    private static String storageClass(Fields fields) {
        return fields.word("StorageClass", CLASSES).orElseThrow(MalformedXml::new);
    }

    private static Noncurrent noncurrentExpiration(XmlElement element) {
        return noncurrent(
                Fields.of(element, "NoncurrentDays", "NewerNoncurrentVersions"), "NoncurrentVersionExpiration", 1);
    }

    private static Noncurrent noncurrent(Fields fields, String action, int least) {
        Optional<Integer> days = days(fields, "NoncurrentDays", action, least);
        Optional<Long> keep = fields.number("NewerNoncurrentVersions");
        if (keep.isPresent() && (keep.get() < 1 || keep.get() > 100)) {
            throw new InvalidArgument("'NewerNoncurrentVersions' for " + action + " action must be a positive integer"
                    + " and less than or equal to 100");
        }
        if (days.isEmpty()) {
            throw new MalformedXml();
        }
        return new Noncurrent(days, keep.map(Math::toIntExact).orElse(0));
    }

    private static NoncurrentTransition noncurrentTransition(XmlElement element, boolean longDays) {
        Fields fields = Fields.of(element, "NoncurrentDays", "NewerNoncurrentVersions", "StorageClass");
        Noncurrent after = noncurrent(fields, "NoncurrentVersionTransition", 0);
        String storageClass = storageClass(fields);
        requireLong(after.days(), "NoncurrentDays", "NoncurrentVersionTransition", storageClass, longDays);
        return new NoncurrentTransition(after, storageClass);
    }

    private static int abortDays(XmlElement element) {
        Fields fields = Fields.of(element, "DaysAfterInitiation");
        return days(fields, "DaysAfterInitiation", "AbortIncompleteMultipartUpload", 1)
                .orElseThrow(MalformedXml::new);
    }

    private static Optional<Integer> days(Fields fields, String name, String action, int least) {
        Optional<Long> days = fields.number(name);
        if (days.isPresent() && (days.get() < least || days.get() > Integer.MAX_VALUE)) {
            throw new InvalidArgument("'" + name + "' for " + action + " action must be a "
                    + (least == 0 ? "nonnegative" : "positive") + " integer");
        }
        return days.map(Math::toIntExact);
    }

    private static Instant date(String text) {
        Instant date = instant(text);
        if (date == null) {
            throw new MalformedXml();
        }
        if (!date.atOffset(ZoneOffset.UTC).toLocalTime().equals(LocalTime.MIDNIGHT)) {
            throw new InvalidArgument("'Date' must be at midnight GMT");
        }
        return date;
    }

    private static @Nullable Instant instant(String text) {
        try {
            return text.length() == 10
                    ? java.time.LocalDate.parse(text)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant()
                    : OffsetDateTime.parse(text.length() == 19 ? text + "Z" : text)
                            .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
