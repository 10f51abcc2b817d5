package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.s3.S3Settings.Destination;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Removal;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.WriteCondition;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events reach those whom a bucket's configuration names: whole, in order, once they can. */
final class EventDeliveryTest {
    private static final Events.Cause CAUSE = new Events.Cause("AWS:AIDAEXAMPLE", "127.0.0.1", "request", "host");

    private final ScriptedOrigin hook = ScriptedOrigin.start();
    private final JobFixture fixture;
    private final EventDelivery delivery;
    private final Path file;

    EventDeliveryTest(@TempDir Path directory) {
        file = directory.resolve("events");
        fixture = new JobFixture(List.of(
                new Destination.Webhook("hook", URI.create(hook.url() + "/events"), Optional.empty()),
                new Destination.Lines("file", file)));
        delivery = new EventDelivery(fixture.events, fixture.clock, fixture.settings);
    }

    @AfterEach
    void close() {
        delivery.close();
        hook.close();
    }

    private void tell(String name, String event, String prefix) {
        fixture.set(Kind.NOTIFICATION, """
                <NotificationConfiguration><QueueConfiguration><Id>mine</Id>\
                <Queue>arn:aws:sqs:eu-west-1:000000000000:%s</Queue><Event>%s</Event>\
                <Filter><S3Key><FilterRule><Name>prefix</Name><Value>%s</Value></FilterRule></S3Key></Filter>\
                </QueueConfiguration></NotificationConfiguration>""".formatted(name, event, prefix));
    }

    private StoredObject put(String key) {
        StoredObject object = fixture.put(key);
        fixture.events.note("s3:ObjectCreated:Put", fixture.store.buckets().get(BUCKET), object, CAUSE);
        return object;
    }

    private List<String> lines() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void anEventIsALineOfTheFile() throws IOException {
        tell("file", "s3:ObjectCreated:*", "a");
        StoredObject object = put("a key/ü");
        put("beside");
        delivery.deliver();
        delivery.deliver();
        assertThat(lines())
                .singleElement()
                .asString()
                .contains(
                        "\"eventName\":\"ObjectCreated:Put\"", "\"eventVersion\":\"2.1\"", "\"key\":\"a+key%2F%C3%BC\"")
                .contains("\"size\":10", "\"eTag\":\"" + object.etag() + "\"", "\"configurationId\":\"mine\"")
                .contains("\"principalId\":\"AWS:AIDAEXAMPLE\"");
    }

    @Test
    void aWebhookThatFailsGetsAllInOrderLater() {
        tell("hook", "s3:ObjectCreated:*", "");
        hook.answer("/events", Reply.of(503), Reply.of(200), Reply.of(200));
        put("first");
        put("second");
        delivery.deliver();
        assertThat(hook.requests()).hasSize(1);
        fixture.clock.advance(Duration.ofSeconds(2));
        delivery.deliver();
        assertThat(hook.requests()).hasSize(3);
        assertThat(fixture.store.outbox().list(0, 10)).isEmpty();
    }

    @Test
    void whatNobodyTakesIsGivenUpAfterADay() {
        tell("hook", "s3:ObjectCreated:*", "");
        hook.otherwise(_ -> Reply.of(503));
        put("key");
        delivery.deliver();
        assertThat(fixture.store.outbox().list(0, 10)).hasSize(1);
        fixture.clock.advance(Duration.ofHours(25));
        delivery.deliver();
        assertThat(fixture.store.outbox().list(0, 10)).isEmpty();
    }

    @Test
    void aDeletionAndADeleteMarkerAreDifferentEvents() throws IOException {
        tell("file", "s3:ObjectRemoved:*", "");
        fixture.keepVersions();
        StoredObject object = fixture.put("key");
        var bucket = fixture.store.buckets().get(BUCKET);
        Removal marked = fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        fixture.events.removed("s3:ObjectRemoved:", bucket, "key", marked, CAUSE);
        Removal gone = fixture.store.expirations().remove(bucket, object).orElseThrow();
        fixture.events.removed("s3:ObjectRemoved:", bucket, "key", gone, CAUSE);
        delivery.deliver();
        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst()).contains("ObjectRemoved:DeleteMarkerCreated");
        assertThat(lines().getLast())
                .contains("ObjectRemoved:Delete\"", object.version().text());
    }

    @Test
    void theLifecycleTellsWhatItEnds() throws IOException {
        tell("file", "s3:LifecycleExpiration:*", "");
        fixture.lifecycle("<Expiration><Days>1</Days></Expiration>");
        fixture.put("key");
        fixture.clock.advance(Duration.ofDays(2));
        new LifecycleRunner(fixture.store, fixture.clock, Duration.ofDays(1), fixture.events).runOnce();
        delivery.deliver();
        assertThat(lines()).singleElement().asString().contains("LifecycleExpiration:Delete\"");
    }
}
