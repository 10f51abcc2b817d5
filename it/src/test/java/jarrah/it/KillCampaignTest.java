package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at any moment of puts, overwrites, copies, multipart uploads whose parts are copied, deletions of one and of many,
 * in a bucket without versions and in one with: what was acknowledged is there after the restart, what was under way is
 * there whole or not at all, listings tell the same as reads, and every stored byte is in order.
 */
class KillCampaignTest {
    private static final int ROUNDS = Integer.getInteger("jarrah.kills", Boolean.getBoolean("jarrah.long") ? 1_000 : 3);
    private static final int ROUNDS_TO_VERIFY = 50;
    private static final int LONGEST_MILLIS = 1_500;
    private static final int KEYS = 5;
    private static final int VERSIONS_REMEMBERED = 40;
    private static final int PART_BYTES = 5 << 20;
    private static final byte[] SOURCE = bytes(new Random(1), PART_BYTES + 100_000);
    private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");
    private static final Pattern UPLOAD = Pattern.compile("<Key>([^<]*)</Key>\\s*<UploadId>([^<]*)</UploadId>");

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Changes keys of its own, one after the other, and knows what it was told of each. */
    private static final class Worker implements Runnable {
        private final String bucket;
        private final String name;
        private final Random random;

        /** Digests of what is there; a key that is not there has none. */
        private final Map<String, String> known = new TreeMap<>();

        /** Of the change that no answer has come for, by key; null for a deletion. */
        private final Map<String, @Nullable String> underWay = new HashMap<>();

        /** Digests of acknowledged versions, by key and version, the latest ones. */
        private final Map<String, String> versions = new TreeMap<>();

        private SignedClient client;
        private volatile boolean ending;
        private volatile @Nullable Throwable failure;

        Worker(String bucket, String name, long seed, SignedClient client) {
            this.bucket = bucket;
            this.name = name;
            this.random = new Random(seed);
            this.client = client;
        }

        private String path(String key) {
            return "/" + bucket + "/" + key;
        }

        @Override
        public void run() {
            try {
                while (!ending) {
                    change(name + "/k" + random.nextInt(KEYS));
                }
            } catch (UncheckedIOException | AssertionError | IllegalStateException e) {
                if (!ending) {
                    failure = e; // before the kill nothing may fail
                }
            }
        }

        private void change(String key) {
            switch (random.nextInt(10)) {
                case 0 -> delete(key);
                case 1 -> deleteMany(key, name + "/k" + random.nextInt(KEYS));
                case 2 -> copy(key);
                case 3 -> multipart(key);
                default -> put(key);
            }
        }

        private void put(String key) {
            int length = random.nextInt(5) == 0 ? random.nextInt(1_500_000) : random.nextInt(20_000);
            byte[] body = bytes(random, length);
            String digest = SignedClient.sha256(body);
            underWay.put(key, digest);
            done(key, digest, client.send("PUT", path(key), body));
        }

        private void done(String key, String digest, RawMessage answer) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            known.put(key, digest);
            underWay.clear();
            String version = answer.first("x-amz-version-id");
            if (version != null) {
                versions.put(path(key) + "?versionId=" + version, digest);
                if (versions.size() > VERSIONS_REMEMBERED) {
                    versions.keySet().stream()
                            .skip(random.nextInt(versions.size()))
                            .findFirst()
                            .ifPresent(versions::remove);
                }
            }
        }

        private void delete(String key) {
            underWay.put(key, null);
            assertThat(client.send("DELETE", path(key), new byte[0]).status()).isEqualTo(204);
            known.remove(key);
            underWay.clear();
        }

        private void deleteMany(String one, String other) {
            underWay.put(one, null);
            underWay.put(other, null);
            byte[] body = ("<Delete><Object><Key>" + one + "</Key></Object><Object><Key>" + other
                            + "</Key></Object></Delete>")
                    .getBytes(StandardCharsets.UTF_8);
            RawMessage answer = client.send("POST", "/" + bucket + "?delete=", body, "Content-MD5", md5(body));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            known.keySet().removeAll(underWay.keySet());
            underWay.clear();
        }

        private static String md5(byte[] body) {
            try {
                return Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("MD5").digest(body));
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        private void copy(String key) {
            String from = known.keySet().stream()
                    .skip(random.nextInt(known.size() + 1))
                    .findFirst()
                    .orElse(null);
            if (from == null || from.equals(key)) {
                return;
            }
            String digest = known.get(from);
            underWay.put(key, digest);
            done(
                    key,
                    String.valueOf(digest),
                    client.send("PUT", path(key), new byte[0], "x-amz-copy-source", path(from)));
        }

        private void multipart(String key) {
            RawMessage begun = client.send("POST", path(key) + "?uploads=", new byte[0]);
            assertThat(begun.status()).as(begun.text()).isEqualTo(200);
            String id = between(begun.text(), "<UploadId>", "</UploadId>");
            int from = random.nextInt(100_000);
            byte[] last = bytes(random, random.nextInt(30_000) + 1);
            RawMessage copied = client.send(
                    "PUT",
                    path(key) + "?partNumber=1&uploadId=" + id,
                    new byte[0],
                    "x-amz-copy-source",
                    "/plain/source",
                    "x-amz-copy-source-range",
                    "bytes=" + from + "-" + (from + PART_BYTES - 1));
            assertThat(copied.status()).as(copied.text()).isEqualTo(200);
            RawMessage sent = client.send("PUT", path(key) + "?partNumber=2&uploadId=" + id, last);
            assertThat(sent.status()).as(sent.text()).isEqualTo(200);
            byte[] whole = Arrays.copyOf(Arrays.copyOfRange(SOURCE, from, from + PART_BYTES), PART_BYTES + last.length);
            System.arraycopy(last, 0, whole, PART_BYTES, last.length);
            String digest = SignedClient.sha256(whole);
            underWay.put(key, digest);
            byte[] parts = ("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                            + between(copied.text(), "<ETag>", "</ETag>")
                            + "</ETag></Part><Part><PartNumber>2</PartNumber><ETag>"
                            + String.valueOf(sent.first("ETag")).replace("\"", "&quot;")
                            + "</ETag></Part></CompleteMultipartUpload>")
                    .getBytes(StandardCharsets.UTF_8);
            RawMessage completed = client.send("POST", path(key) + "?uploadId=" + id, parts);
            assertThat(completed.text()).contains("<ETag>");
            done(key, digest, completed);
        }

        private static String between(String text, String from, String to) {
            int begin = text.indexOf(from) + from.length();
            return text.substring(begin, text.indexOf(to, begin));
        }

        /** After the restart: each key is as it was acknowledged, or as it was to be. Goes on from what is there. */
        void check(SignedClient restarted) {
            client = restarted;
            ending = false;
            for (int i = 0; i < KEYS; i++) {
                String key = name + "/k" + i;
                String digest = digest(path(key));
                if (underWay.containsKey(key) && Objects.equals(digest, underWay.get(key))) {
                    if (digest == null) {
                        known.remove(key);
                    } else {
                        known.put(key, digest);
                    }
                }
                assertThat(digest).as(path(key)).isEqualTo(known.get(key));
            }
            underWay.clear();
            versions.forEach(
                    (version, digest) -> assertThat(digest(version)).as(version).isEqualTo(digest));
        }

        private @Nullable String digest(String target) {
            RawMessage answer = client.send("GET", target, new byte[0]);
            assertThat(answer.status()).as(target).isIn(200, 404);
            return answer.status() == 404 ? null : SignedClient.sha256(answer.body());
        }
    }

    @Test
    void whatWasAcknowledgedIsThereWheneverItIsKilled(@TempDir Path directory) throws Exception {
        var random = new Random(20261123);
        Path data = directory.resolve("data");
        Region region = Region.start(data);
        String[] ports = region.samePorts();
        try {
            var client = new SignedClient(region);
            for (String bucket : List.of("plain", "versioned")) {
                assertThat(client.send("PUT", "/" + bucket, new byte[0]).status())
                        .isEqualTo(200);
            }
            byte[] enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
                    .getBytes(StandardCharsets.UTF_8);
            assertThat(client.send("PUT", "/versioned?versioning=", enabled).status())
                    .isEqualTo(200);
            assertThat(client.send("PUT", "/plain/source", SOURCE).status()).isEqualTo(200);
            var workers = new ArrayList<Worker>();
            for (int i = 0; i < 4; i++) {
                workers.add(new Worker(i < 2 ? "plain" : "versioned", "w" + i, random.nextLong(), client));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                runAndKill(region, workers, random.nextInt(LONGEST_MILLIS));
                region = Region.start(data, ports);
                client = new SignedClient(region);
                for (Worker worker : workers) {
                    worker.check(client);
                }
                checkListings(client, workers);
                abortUploads(client);
                if (round % ROUNDS_TO_VERIFY == 0 || round == ROUNDS) {
                    assertVerified(data);
                }
            }
        } finally {
            region.close();
        }
    }

    private static void runAndKill(Region region, List<Worker> workers, int millis) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (Worker worker : workers) {
            threads.add(Thread.ofVirtual().start(worker));
        }
        Thread.sleep(100 + millis);
        workers.forEach(worker -> worker.ending = true);
        region.kill();
        for (Thread thread : threads) {
            thread.join();
        }
        workers.forEach(worker -> assertThat(worker.failure).isNull());
    }

    private static void checkListings(SignedClient client, List<Worker> workers) {
        for (String bucket : List.of("plain", "versioned")) {
            Set<String> known = new TreeSet<>();
            workers.stream()
                    .filter(worker -> worker.bucket.equals(bucket))
                    .forEach(worker -> known.addAll(worker.known.keySet()));
            RawMessage listed = client.send("GET", "/" + bucket + "?list-type=2&prefix=w", new byte[0]);
            assertThat(KEY.matcher(listed.text()).results().map(found -> found.group(1)))
                    .containsExactlyElementsOf(known);
        }
    }

    private static void abortUploads(SignedClient client) {
        for (String bucket : List.of("plain", "versioned")) {
            RawMessage listed = client.send("GET", "/" + bucket + "?uploads=", new byte[0]);
            assertThat(listed.status()).isEqualTo(200);
            for (MatchResult upload : UPLOAD.matcher(listed.text()).results().toList()) {
                String target = "/" + bucket + "/" + upload.group(1) + "?uploadId=" + upload.group(2);
                assertThat(client.send("DELETE", target, new byte[0]).status()).isEqualTo(204);
            }
        }
    }

    private static void assertVerified(Path data) throws Exception {
        Process verify = new ProcessBuilder(Region.jarrah("storage", "verify", "--data", data.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isZero();
    }
}
