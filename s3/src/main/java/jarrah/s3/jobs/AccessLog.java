package jarrah.s3.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.Logging;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.WriteCondition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server access logs: lines wait in memory and are delivered as objects into the buckets that their buckets name, every
 * five minutes (288 times a day) and at the end. As on AWS delivery is best effort: a crash loses what waits, and so do more lines than
 * are held.
 */
public final class AccessLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int DELIVERIES_A_DAY = 288;
    /** Lines held, some 500 bytes each. */
    private static final int MAX_WAITING = 100_000;

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);

    private final S3Store store;
    private final Clock clock;
    private final Duration pause;
    private final String region;
    private final ConcurrentLinkedQueue<Waiting> lines = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();
    private final Repeating repeating;

    /** A line of a bucket's log. */
    private record Waiting(String bucket, Instant time, String line) {}

    /**
     * @param day length of a day
     * @param region that stands in keys by date
     */
    public AccessLog(S3Store store, Clock clock, Duration day, String region) {
        this.store = store;
        this.clock = clock;
        this.region = region;
        Duration part = day.dividedBy(DELIVERIES_A_DAY);
        pause = part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
        repeating = new Repeating("s3-access-log", pause, this::deliver);
    }

    /** Starts to deliver now and then, on a virtual thread, until closed. */
    public AccessLog start() {
        repeating.start();
        return this;
    }

    /** The bucket, if its requests are logged; empty also if there is no such bucket. */
    public Optional<Bucket> logged(String bucket) {
        try {
            return target(bucket).isPresent() ? Optional.of(store.buckets().get(bucket)) : Optional.empty();
        } catch (S3Exception _) {
            return Optional.empty();
        }
    }

    private Optional<Logging> target(String bucket) {
        return store.settings()
                .get(bucket, Kind.LOGGING, AccessLog::read)
                .filter(logging -> logging.target().isPresent());
    }

    private static Logging read(byte[] document) {
        try {
            return Logging.of(XmlElement.parse(document));
        } catch (XmlElement.MalformedXml damaged) {
            throw new IllegalStateException("A setting that was read before", damaged);
        }
    }

    /** Notes a request; does not block. */
    public void note(String bucket, Instant time, String line) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            lost.incrementAndGet();
            return;
        }
        lines.add(new Waiting(bucket, time, line));
    }

    /** Where a line goes. */
    private record Place(String bucket, String target, String prefix) {}

    /** Delivers what waits. */
    public synchronized void deliver() {
        var texts = new LinkedHashMap<Place, StringBuilder>();
        for (Waiting next = lines.poll(); next != null; next = lines.poll()) {
            waiting.decrementAndGet();
            Place place = place(next);
            if (place != null) {
                texts.computeIfAbsent(place, _ -> new StringBuilder())
                        .append(next.line())
                        .append('\n');
            }
        }
        for (Map.Entry<Place, StringBuilder> text : texts.entrySet()) {
            put(text.getKey(), text.getValue().toString().getBytes(UTF_8));
        }
        long dropped = lost.getAndSet(0);
        if (dropped > 0) {
            LOG.warn("{} lines of access logs are lost: more than {} waited", dropped, MAX_WAITING);
        }
    }

    private @Nullable Place place(Waiting line) {
        try {
            Bucket source = store.buckets().get(line.bucket());
            Logging logging = target(line.bucket()).orElse(null);
            if (logging == null) {
                return null;
            }
            Instant date = logging.byEventTime() ? line.time() : clock.instant();
            String parted = logging.byDate()
                    ? "%s/%s/%s/%s/".formatted(source.accountId(), region, source.name(), DATE.format(date))
                    : "";
            return new Place(line.bucket(), logging.target().orElseThrow(), logging.prefix() + parted);
        } catch (S3Exception _) {
            return null; // the bucket is gone, and its log with it
        }
    }

    private void put(Place place, byte[] text) {
        String unique = "%016X".formatted(ThreadLocalRandom.current().nextLong());
        String key = place.prefix() + NAME.format(clock.instant()) + "-" + unique;
        try {
            String owner = store.buckets().get(place.target()).ownerId();
            var object = new NewObject(
                    place.target(),
                    key,
                    text.length,
                    new Metadata(Map.of("content-type", "text/plain"), Map.of(), Metadata.STANDARD),
                    CannedAcl.PRIVATE.expand(owner, owner),
                    WriteCondition.NONE,
                    BodyDigests.NONE);
            store.objects().put(object, Channels.newChannel(new ByteArrayInputStream(text)));
        } catch (S3Exception | IOException failed) {
            LOG.warn("The access log of {} was not delivered: {}", place.bucket(), failed.getMessage());
        }
    }

    /** Ends the thread and delivers what waits. */
    @Override
    public void close() {
        repeating.close();
        deliver();
    }
}
