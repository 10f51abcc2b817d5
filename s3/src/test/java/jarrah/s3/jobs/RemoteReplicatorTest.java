package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.BUCKET;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.remote.RemoteCopies;
import jarrah.s3.remote.RemoteEndpoint;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.Objects;
import jarrah.s3.store.Protection;
import jarrah.s3.store.ReplicationState.Status;
import jarrah.s3.store.Retention;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.WriteCondition;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to other endpoints, what is made of their answers, and what waits meanwhile. */
final class RemoteReplicatorTest {
    private static final int MAX_PUT = 1_000;

    private final JobFixture fixture = new JobFixture();
    private final ScriptedOrigin one = ScriptedOrigin.start();
    private final ScriptedOrigin two = ScriptedOrigin.start();
    private RemoteBuckets remotes;
    private RemoteReplicator remote;
    private Replicator local;

    @BeforeEach
    void start() {
        fixture.keepVersions();
        open();
        one.otherwise(_ -> Reply.of(200).header("x-amz-version-id", "r1"));
        two.otherwise(_ -> Reply.of(200).header("x-amz-version-id", "r2"));
    }

    /** As a start of the process does. */
    private void open() {
        remotes = new RemoteBuckets(List.of(endpoint("one", one), endpoint("two", two)), fixture.clock);
        remote = new RemoteReplicator(
                fixture.store,
                remotes,
                new RemoteCopies(fixture.store, fixture.clock, MAX_PUT, MAX_PUT),
                fixture.clock);
        local = new Replicator(
                fixture.store,
                fixture.clock,
                new Replicator.Gate() {
                    @Override
                    public boolean allows(Bucket source, Bucket destination, String role, StoredObject version) {
                        return true;
                    }

                    @Override
                    public Optional<Protection> protection(
                            Bucket destination, StoredObject version, Replication.Rule rule) {
                        return Optional.empty();
                    }
                },
                remotes);
    }

    private static RemoteEndpoint endpoint(String name, ScriptedOrigin origin) {
        return new RemoteEndpoint(
                name,
                HttpOrigin.of(origin.url()),
                "us-west-1",
                true,
                name::equals,
                Set.of(),
                () -> new RemoteEndpoint.Key("AKID", "secret", null),
                HttpClientConfig.defaults());
    }

    @AfterEach
    void stop() {
        remote.close();
        one.close();
        two.close();
    }

    private void rules(String... destinations) {
        var rules = new StringBuilder();
        for (String destination : destinations) {
            rules.append("""
                    <Rule><Status>Enabled</Status><Priority>1</Priority><Filter/><DeleteMarkerReplication>\
                    <Status>Enabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::%s</Bucket>\
                    </Destination></Rule>""".formatted(destination));
        }
        fixture.set(
                Kind.REPLICATION,
                "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role>" + rules
                        + "</ReplicationConfiguration>");
    }

    private void run() throws InterruptedException {
        local.runOnce();
        remote.runOnce();
    }

    private Status status(String key) {
        return fixture.store
                .objects()
                .head(BUCKET, key)
                .replication()
                .orElseThrow()
                .status();
    }

    private static List<String> lines(ScriptedOrigin origin) {
        return origin.requests().stream()
                .map(request -> request.method() + " " + request.target())
                .toList();
    }

    private void later(int seconds) {
        fixture.clock.advance(java.time.Duration.ofSeconds(seconds));
    }

    @Test
    void aDestinationThatDoesNotAnswerHoldsUpNoOther() throws InterruptedException {
        rules("one", "two");
        one.otherwise(_ -> Reply.hangUp());
        fixture.put("key");
        run();
        assertThat(lines(two)).containsExactly("PUT /two/key");
        assertThat(status("key")).isEqualTo(Status.PENDING);
        one.otherwise(request -> Reply.of(request.method().equals("HEAD") ? 404 : 200));
        run();
        assertThat(status("key")).as("its time has not come").isEqualTo(Status.PENDING);
        later(1);
        run();
        assertThat(status("key")).isEqualTo(Status.COMPLETED);
        assertThat(lines(two)).hasSize(1);
        assertThat(fixture.store.remoteQueue().destinations()).isEmpty();
    }

    @Test
    void whatOneDestinationRefusesHasFailedOnceAllAreDone() throws InterruptedException {
        rules("one", "two");
        one.otherwise(_ -> Reply.of(403));
        two.otherwise(_ -> Reply.of(503));
        fixture.put("key");
        run();
        assertThat(status("key")).isEqualTo(Status.PENDING);
        two.otherwise(request -> Reply.of(request.method().equals("HEAD") ? 404 : 200));
        later(1);
        run();
        assertThat(status("key")).isEqualTo(Status.FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "500, PENDING",
        "503, PENDING",
        "429, PENDING",
        "408, PENDING",
        "501, FAILED",
        "403, FAILED",
        "404, FAILED",
        "400, FAILED",
        "301, FAILED",
        "307, FAILED"
    })
    void anAnswerIsTriedAgainOrTakenForTheLast(int answer, Status expected) throws InterruptedException {
        rules("one");
        one.otherwise(_ -> Reply.of(answer).header("Location", two.url() + "/elsewhere"));
        fixture.put("key");
        run();
        assertThat(status("key")).isEqualTo(expected);
        assertThat(lines(one)).containsExactly("PUT /one/key");
        assertThat(two.requests()).as("redirects are not followed").isEmpty();
    }

    @Test
    void versionsOfAKeyKeepTheirOrderAndOtherKeysGoOn() throws InterruptedException {
        rules("one");
        one.answer("/one/slow", request -> Reply.of(request.method().equals("HEAD") ? 404 : 503));
        StoredObject first = fixture.put("slow");
        fixture.put("slow");
        fixture.put("other");
        run();
        assertThat(status("other")).isEqualTo(Status.COMPLETED);
        assertThat(lines(one)).containsOnlyOnce("PUT /one/slow");
        var puts = new ArrayList<String>();
        one.answer("/one/slow", request -> {
            if (request.method().equals("PUT")) {
                puts.add(request.first("x-amz-meta-jarrah-version-id"));
            }
            return Reply.of(request.method().equals("HEAD") ? 404 : 200);
        });
        later(1);
        run();
        assertThat(puts).hasSize(2).startsWith(first.version().toString());
    }

    @Test
    void whatAnEarlierAttemptMadeIsFoundAndItsTagsFollow() throws InterruptedException {
        rules("one");
        StoredObject put = fixture.put("key");
        one.answer("/one/key", Reply.hangUp()); // it may have been stored
        run();
        assertThat(status("key")).isEqualTo(Status.PENDING);
        remote.close();
        open(); // and this process does not know of it
        one.answer(
                "/one/key",
                request -> request.method().equals("HEAD")
                        ? Reply.of(200)
                                .header("x-amz-version-id", "made")
                                .header(
                                        "x-amz-meta-jarrah-version-id",
                                        put.version().toString())
                                .body(new byte[10])
                        : Reply.of(500));
        run();
        assertThat(status("key")).isEqualTo(Status.COMPLETED);
        fixture.store.objects().setTags(BUCKET, "key", null, Map.of("a", "b"));
        run();
        assertThat(lines(one)).endsWith("PUT /one/key?tagging&versionId=made");
        assertThat(one.requests().getLast().text()).contains("<Key>a</Key>", "<Value>b</Value>");
        assertThat(status("key")).isEqualTo(Status.COMPLETED);
    }

    @Test
    void aDeleteMarkerIsMadeUnlessThereIsOne() throws InterruptedException {
        rules("one");
        one.answer("/one/key", request -> Reply.of(request.method().equals("HEAD") ? 200 : 204));
        one.answer("/one/gone", _ -> Reply.of(404).header("x-amz-delete-marker", "true"));
        for (String key : List.of("key", "gone")) {
            fixture.store.objects().delete(BUCKET, key, WriteCondition.NONE);
        }
        run();
        assertThat(lines(one)).containsExactlyInAnyOrder("HEAD /one/key", "DELETE /one/key", "HEAD /one/gone");
        assertThat(fixture.store.remoteQueue().destinations()).isEmpty();
    }

    /** A destination that knows one upload. */
    private static Function<RawMessage, Reply> uploads(String failing, int status, String parts) {
        return request -> {
            String line = request.method() + " " + request.target();
            if (line.equals(failing)) {
                return Reply.of(status);
            }
            if (line.endsWith("?uploads")) {
                return Reply.ok("<R><UploadId>up/1</UploadId></R>");
            }
            if (request.method().equals("GET")) {
                return Reply.ok("<R><IsTruncated>false</IsTruncated>" + parts + "</R>");
            }
            return switch (request.method()) {
                case "HEAD" -> Reply.of(404);
                case "POST" -> Reply.ok("<CompleteMultipartUploadResult/>").header("x-amz-version-id", "whole");
                default -> Reply.of(200).header("ETag", "\"tag\"");
            };
        };
    }

    @Test
    void anUploadGoesOnWhereItWasBrokenOff() throws InterruptedException {
        rules("one");
        one.otherwise(uploads("PUT /one/key?partNumber=2&uploadId=up%2F1", 503, ""));
        fixture.put("key", 2_500, Map.of(), ObjectLock.NONE);
        run();
        assertThat(lines(one))
                .containsExactly(
                        "POST /one/key?uploads",
                        "PUT /one/key?partNumber=1&uploadId=up%2F1",
                        "PUT /one/key?partNumber=2&uploadId=up%2F1");
        remote.close();
        open();
        // The MD5 of a thousand zero bytes: what the first part is.
        one.otherwise(uploads("", 0, """
                <Part><PartNumber>1</PartNumber><Size>1000</Size><ETag>&quot;ede3d3b685b4e137ba4cb2521329a75e&quot;</ETag>\
                </Part>"""));
        run();
        assertThat(lines(one).subList(3, 8))
                .containsExactly(
                        "HEAD /one/key",
                        "GET /one/key?max-parts=1000&part-number-marker=0&uploadId=up%2F1",
                        "PUT /one/key?partNumber=2&uploadId=up%2F1",
                        "PUT /one/key?partNumber=3&uploadId=up%2F1",
                        "POST /one/key?uploadId=up%2F1");
        assertThat(one.requests().getLast().text())
                .contains("<PartNumber>1</PartNumber><ETag>&quot;ede3d3b685b4e137ba4cb2521329a75e&quot;</ETag>");
        assertThat(status("key")).isEqualTo(Status.COMPLETED);
    }

    @Test
    void anUploadThatIsRefusedOrWhoseSourceIsGoneIsGivenUp() throws InterruptedException {
        rules("one");
        one.otherwise(uploads("PUT /one/refused?partNumber=1&uploadId=up%2F1", 403, ""));
        fixture.put("refused", 2_500, Map.of(), ObjectLock.NONE);
        run();
        assertThat(lines(one)).endsWith("DELETE /one/refused?uploadId=up%2F1");
        assertThat(status("refused")).isEqualTo(Status.FAILED);

        one.otherwise(uploads("PUT /one/gone?partNumber=1&uploadId=up%2F1", 503, ""));
        StoredObject gone = fixture.put("gone", 2_500, Map.of(), ObjectLock.NONE);
        run();
        fixture.store
                .objects()
                .delete(BUCKET, new Objects.Deletion("gone", Optional.of(gone.version()), WriteCondition.NONE, false));
        later(1);
        run();
        assertThat(lines(one)).endsWith("DELETE /one/gone?uploadId=up%2F1");
        assertThat(fixture.store.remoteQueue().destinations()).isEmpty();
    }

    @Test
    void anUploadWhoseIdWasLostIsFoundAndGivenUp() throws InterruptedException {
        rules("one");
        one.answer("/one/key?uploads", Reply.hangUp()); // it may have been begun
        fixture.put("key", 2_500, Map.of(), ObjectLock.NONE);
        run();
        String list = "/one/?encoding-type=url&max-uploads=1000&prefix=key&uploads=";
        one.otherwise(uploads("", 0, ""));
        one.answer("/one/key?uploads", Reply.ok("<R><UploadId>up/1</UploadId></R>"));
        one.answer(list, Reply.ok("""
                <R><Upload><Key>key</Key><UploadId>lost</UploadId><Initiated>2026-11-22T12:00:05.000Z</Initiated></Upload>\
                <Upload><Key>key2</Key><UploadId>another</UploadId><Initiated>2026-11-22T12:00:05.000Z</Initiated></Upload>\
                <Upload><Key>key</Key><UploadId>old</UploadId><Initiated>2026-11-20T12:00:05.000Z</Initiated></Upload></R>"""));
        later(1);
        run();
        assertThat(lines(one)).contains("DELETE /one/key?uploadId=lost");
        assertThat(lines(one)).noneMatch(line -> line.contains("another") || line.contains("old"));
        assertThat(status("key")).isEqualTo(Status.COMPLETED);
    }

    @Test
    void aDestinationThatNoEndpointHasAnyMoreHasFailed() throws InterruptedException {
        rules("one");
        fixture.put("key");
        local.runOnce();
        remote.close();
        var none = RemoteBuckets.none(fixture.clock);
        remote = new RemoteReplicator(
                fixture.store, none, new RemoteCopies(fixture.store, fixture.clock), fixture.clock);
        remote.runOnce();
        assertThat(status("key")).isEqualTo(Status.FAILED);
        assertThat(one.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"b@host", "b/../c", "b\r\nX: y", "-b", "b..c", "B", "b:80", "", "."})
    void whatIsNoNameOfABucketIsNobodysElsewhere(String name) {
        var all = new RemoteEndpoint(
                "all",
                HttpOrigin.of(one.url()),
                "us-west-1",
                false,
                _ -> true,
                Set.of(),
                () -> null,
                HttpClientConfig.defaults());
        try (var buckets = new RemoteBuckets(List.of(all), fixture.clock)) {
            assertThat(buckets.find(name, "111122223333")).isEmpty();
            assertThat(buckets.find("b.c-d", "111122223333")).isPresent();
        }
    }

    @Test
    void anEndpointOfOtherAccountsIsNone() {
        var theirs = new RemoteEndpoint(
                "theirs",
                HttpOrigin.of(one.url()),
                "us-west-1",
                true,
                _ -> true,
                Set.of("999900001111"),
                () -> null,
                HttpClientConfig.defaults());
        try (var buckets = new RemoteBuckets(List.of(theirs), fixture.clock)) {
            assertThat(buckets.find("one", "111122223333")).isEmpty();
            assertThat(buckets.find("one", "999900001111")).isPresent();
        }
    }

    @Test
    void bytesAreBoundToTheSignature() throws InterruptedException {
        rules("one");
        fixture.put("key", 600, Map.of("k", "v w"), ObjectLock.NONE);
        run();
        RawMessage sent = one.requests().getFirst();
        assertThat(sent.body()).hasSize(600);
        assertThat(sent.first("x-amz-tagging")).isEqualTo("k=v%20w");
        assertThat(sent.first("Content-MD5")).isNotBlank();
        assertThat(sent.first("Authorization"))
                .contains("AKID/", "/us-west-1/s3/aws4_request", "content-md5;host;")
                .doesNotContain("secret");
    }

    private StoredObject put(String key, Map<String, String> user, Optional<Protection> protection) throws Exception {
        return fixture.store
                .objects()
                .put(
                        new NewObject(
                                BUCKET,
                                key,
                                3,
                                new Metadata(Map.of(), user, Metadata.STANDARD),
                                JobFixture.ACL,
                                WriteCondition.NONE,
                                BodyDigests.NONE,
                                Map.of(),
                                ObjectLock.NONE,
                                protection),
                        Channels.newChannel(new ByteArrayInputStream(new byte[3])));
    }

    @Test
    void aReplicaThatCameFromThereIsNotSentBack() throws Exception {
        rules("one");
        one.answer("/one/back?versionId=theirs", Reply.of(200));
        one.answer("/one/on?versionId=anothers", Reply.of(404));
        put("back", Map.of("jarrah-version-id", "theirs"), Optional.empty());
        put("on", Map.of("jarrah-version-id", "anothers"), Optional.empty());
        run();
        assertThat(lines(one))
                .containsExactlyInAnyOrder(
                        "HEAD /one/back?versionId=theirs", "HEAD /one/on?versionId=anothers", "PUT /one/on");
        assertThat(one.requests())
                .filteredOn(request -> request.method().equals("PUT"))
                .singleElement()
                .satisfies(request -> assertThat(request.all("x-amz-meta-jarrah-version-id"))
                        .as("so that a ring comes to an end, too")
                        .containsExactly("anothers"));
        assertThat(status("back")).isEqualTo(Status.COMPLETED);
        assertThat(status("on")).isEqualTo(Status.COMPLETED);
    }

    @Test
    void whatAClientsKeySealsIsNotSent() throws Exception {
        rules("one");
        var key = new byte[32];
        String md5 = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("MD5").digest(key));
        put("sealed", Map.of(), Optional.of(new Protection(Encryption.customer(md5), key, true)));
        run();
        assertThat(status("sealed")).isEqualTo(Status.FAILED);
        assertThat(one.requests()).isEmpty();
    }

    private static final Instant KEPT = Instant.parse("2027-01-01T00:00:00Z");

    private List<String> sent(String key, ObjectLock lock, String objectLock) throws Exception {
        one.answer(
                "/one/?object-lock", Reply.ok("<ObjectLockConfiguration>" + objectLock + "</ObjectLockConfiguration>"));
        var metadata = new Metadata(
                Map.of("content-type", "text/plain", "cache-control", "no-store"),
                Map.of("name", "Größe"),
                "STANDARD_IA");
        fixture.store
                .objects()
                .put(
                        new NewObject(
                                BUCKET,
                                key,
                                3,
                                metadata,
                                JobFixture.ACL,
                                WriteCondition.NONE,
                                BodyDigests.NONE,
                                Map.of(),
                                lock,
                                Optional.empty()),
                        Channels.newChannel(new ByteArrayInputStream(new byte[3])));
        run();
        return one.requests().getLast().fields().stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT) + ": " + field.value())
                .toList();
    }

    @Test
    void whatCameAlongGoesAlong() throws Exception {
        rules("one");
        fixture.store.buckets().setObjectLock(BUCKET, Optional.empty());
        var lock = new ObjectLock(Optional.of(new Retention(Retention.Mode.COMPLIANCE, KEPT)), Optional.of(true));
        String utf8 = new String("Größe".getBytes(UTF_8), ISO_8859_1);
        assertThat(sent("locked", lock, "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"))
                .contains(
                        "content-type: text/plain",
                        "cache-control: no-store",
                        "x-amz-meta-name: " + utf8,
                        "x-amz-storage-class: STANDARD_IA",
                        "x-amz-object-lock-mode: COMPLIANCE",
                        "x-amz-object-lock-retain-until-date: 2027-01-01T00:00:00.000Z",
                        "x-amz-object-lock-legal-hold: ON",
                        "content-length: 3");
        assertThat(sent("plain", lock, "")).noneMatch(field -> field.startsWith("x-amz-object-lock"));
    }
}
