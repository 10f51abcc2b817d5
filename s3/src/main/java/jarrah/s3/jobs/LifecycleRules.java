package jarrah.s3.jobs;

import jarrah.aws.XmlElement;
import jarrah.http.HttpDate;
import jarrah.s3.settings.Lifecycle;
import jarrah.s3.settings.Lifecycle.Expiration;
import jarrah.s3.settings.Lifecycle.Noncurrent;
import jarrah.s3.settings.Lifecycle.Rule;
import jarrah.s3.settings.ObjectFilter;
import jarrah.s3.store.StoredObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of a lifecycle: what is due for a version at a time. Pure; "Lifecycle configuration elements" of the S3
 * user guide.
 *
 * @param rules that are enabled
 * @param day length of a day; a real one ends at midnight UTC, a shorter one when it is over
 * @param smallToo whether objects below 128 KiB move to the archive class too ({@code varies_by_storage_class})
 */
public record LifecycleRules(List<Rule> rules, Duration day, boolean smallToo) {
    private static final Duration REAL_DAY = Duration.ofDays(1);
    /** Smaller objects stay where they are, unless a rule names a size itself or days are short, as for a trial. */
    static final long LEAST_BYTES = 128 * 1024;
    /** Objects move to the right only. */
    private static final List<String> WATERFALL = List.of(
            "STANDARD",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "INTELLIGENT_TIERING",
            "ONEZONE_IA",
            "GLACIER_IR",
            "GLACIER",
            "DEEP_ARCHIVE");

    /** What is to be done with a version. */
    public sealed interface Act {
        /** The current version ends, as if a client deleted the object. */
        record Expire(String rule) implements Act {}

        /** A version that is not current goes for good. */
        record Remove(String rule) implements Act {}

        /** A delete marker with nothing behind it goes. */
        record RemoveMarker(String rule) implements Act {}

        /** The storage class changes. */
        record Move(String storageClass) implements Act {}
    }

    /** When an object ends, and by which rule. */
    public record Expiry(Instant at, String rule) {
        /** The value of {@code x-amz-expiration}. */
        public String header() {
            String id = URLEncoder.encode(rule, StandardCharsets.UTF_8).replace("+", "%20");
            return "expiry-date=\"" + HttpDate.format(at) + "\", rule-id=\"" + id + "\"";
        }
    }

    /** Reads the document that a bucket's settings keep. */
    public static LifecycleRules read(byte[] document, Duration day) {
        try {
            XmlElement root = XmlElement.parse(document);
            List<Rule> enabled = Lifecycle.of(root, index -> "rule-" + index, false).rules().stream()
                    .filter(Rule::enabled)
                    .toList();
            boolean varies = "varies_by_storage_class".equals(root.childText("TransitionDefaultMinimumObjectSize"));
            return new LifecycleRules(enabled, day, varies);
        } catch (XmlElement.MalformedXml damaged) {
            throw new IllegalStateException("A lifecycle that was read before", damaged);
        }
    }

    /** The longest prefix that all rules share; no object beside it can be meant. */
    public String prefix() {
        return rules.stream()
                .map(rule -> rule.filter().prefix())
                .reduce((left, right) -> {
                    int same = 0;
                    while (same < Math.min(left.length(), right.length()) && left.charAt(same) == right.charAt(same)) {
                        same++;
                    }
                    boolean splits = same > 0 && Character.isHighSurrogate(left.charAt(same - 1));
                    return left.substring(0, splits ? same - 1 : same);
                })
                .orElse("");
    }

    /** When so many days after a time are over. */
    Instant due(Instant from, int days) {
        return due(day, from, days);
    }

    /**
     * When so many days after a time are over.
     *
     * @param day length of a day
     */
    public static Instant due(Duration day, Instant from, int days) {
        Instant at = from.plus(day.multipliedBy(days));
        if (day.compareTo(REAL_DAY) < 0) {
            return at;
        }
        Instant midnight = at.truncatedTo(ChronoUnit.DAYS);
        return midnight.equals(at) ? at : midnight.plus(REAL_DAY);
    }

    private @Nullable Instant due(Optional<Integer> days, Optional<Instant> date, Instant from) {
        return days.map(count -> due(from, count)).or(() -> date).orElse(null);
    }

    private static boolean matches(ObjectFilter filter, StoredObject object) {
        return filter.matches(object.key(), object.size(), object.tags());
    }

    /** When a current version ends; the earliest if several rules want it. */
    public Optional<Expiry> expiry(StoredObject object) {
        return object.deleteMarker()
                ? Optional.empty()
                : expiries(object).reduce((first, second) -> second.at.isBefore(first.at) ? second : first);
    }

    /** When answers say that a current version ends: by whole days, which clients count with, even where days are short. */
    public Optional<Expiry> announced(StoredObject object) {
        return new LifecycleRules(rules, REAL_DAY, smallToo).expiry(object);
    }

    private Stream<Expiry> expiries(StoredObject object) {
        return rules.stream().filter(rule -> matches(rule.filter(), object)).flatMap(rule -> {
            Expiration expiration = rule.expiration().orElse(null);
            Instant at = expiration == null ? null : due(expiration.days(), expiration.date(), object.lastModified());
            return at == null ? Stream.empty() : Stream.of(new Expiry(at, rule.id()));
        });
    }

    /**
     * What is due for the version that is the newest of its key.
     *
     * @param alone whether the key has no other version
     */
    public Optional<Act> ofCurrent(StoredObject object, boolean alone, Instant now) {
        if (object.deleteMarker()) {
            return alone ? ofMarker(object, now) : Optional.empty();
        }
        Optional<Expiry> expiry = expiry(object).filter(there -> !there.at.isAfter(now));
        if (expiry.isPresent()) {
            return Optional.of(new Act.Expire(expiry.get().rule));
        }
        return move(
                object,
                rules.stream()
                        .filter(rule -> matches(rule.filter(), object))
                        .flatMap(rule -> rule.transitions().stream()
                                .filter(one -> isDue(due(one.days(), one.date(), object.lastModified()), now))
                                .map(one -> new Goal(one.storageClass(), rule.filter()))));
    }

    private Optional<Act> ofMarker(StoredObject marker, Instant now) {
        Optional<Rule> rule = rules.stream()
                .filter(one -> matches(one.filter(), marker))
                .filter(one -> one.expiration()
                        .map(there -> there.deleteMarkers()
                                || isDue(due(there.days(), there.date(), marker.lastModified()), now))
                        .orElse(false))
                .findFirst();
        return rule.map(found -> new Act.RemoveMarker(found.id()));
    }

    private static boolean isDue(@Nullable Instant at, Instant now) {
        return at != null && !at.isAfter(now);
    }

    /**
     * What is due for another version.
     *
     * @param since when it ceased to be current
     * @param newer how many versions that are not current either are newer
     */
    public Optional<Act> ofNoncurrent(StoredObject version, Instant since, int newer, Instant now) {
        List<Rule> meant =
                rules.stream().filter(rule -> matches(rule.filter(), version)).toList();
        Optional<Rule> removing = meant.stream()
                .filter(rule -> rule.noncurrentExpiration()
                        .map(after -> isDue(after, since, newer, now))
                        .orElse(false))
                .findFirst();
        if (removing.isPresent()) {
            return Optional.of(new Act.Remove(removing.get().id()));
        }
        return version.deleteMarker()
                ? Optional.empty()
                : move(
                        version,
                        meant.stream()
                                .flatMap(rule -> rule.noncurrentTransitions().stream()
                                        .filter(one -> isDue(one.after(), since, newer, now))
                                        .map(one -> new Goal(one.storageClass(), rule.filter()))));
    }

    private boolean isDue(Noncurrent after, Instant since, int newer, Instant now) {
        return newer >= after.keep() && !due(since, after.days().orElse(0)).isAfter(now);
    }

    /** A storage class that a rule wants. */
    private record Goal(String storageClass, ObjectFilter filter) {}

    private Optional<Act> move(StoredObject object, Stream<Goal> goals) {
        int from = WATERFALL.indexOf(object.metadata().storageClass());
        return goals.filter(goal -> WATERFALL.indexOf(goal.storageClass) > from && isLarge(object, goal))
                .map(Goal::storageClass)
                .max((left, right) -> Integer.compare(WATERFALL.indexOf(left), WATERFALL.indexOf(right)))
                .map(Act.Move::new);
    }

    private boolean isLarge(StoredObject object, Goal goal) {
        boolean sized = goal.filter.above().isPresent() || goal.filter.below().isPresent();
        boolean archive = smallToo && WATERFALL.indexOf(goal.storageClass) > WATERFALL.indexOf("GLACIER_IR");
        boolean trial = day.compareTo(REAL_DAY) < 0;
        return sized || archive || trial || object.size() >= LEAST_BYTES;
    }

    /** Whether an unfinished multipart upload ends. */
    public boolean aborts(String key, Instant initiated, Instant now) {
        return rules.stream()
                .filter(rule -> key.startsWith(rule.filter().prefix()))
                .anyMatch(rule -> rule.abortUploadsDays()
                        .map(days -> !due(initiated, days).isAfter(now))
                        .orElse(false));
    }
}
