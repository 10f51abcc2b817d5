package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.RequestSigner;
import jarrah.http.Headers;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;

/**
 * Random changes of objects, of who may read them, and random reads by all kinds of readers, at the accelerator of the region
 * and at two nodes elsewhere, against a simple model: the region's own never serves what is not so any more, a node for two
 * seconds at most, and nobody gets a byte that is not for him.
 */
class ReadersWalkTest {
    private static final int STEPS = Boolean.getBoolean("jarrah.long") ? 1_000_000 : 4_000;
    private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final String TOKEN = "a-token-of-the-team-01";
    private static final int WALKERS = 2;

    private static final String REGION_SITES = """
            accelerator:
              memory-limit: 2MiB
              file-limit: 16MiB
              sites:
                - {name: public, path: /public/, origin: {bucket: walk}}
                - name: signed
                  path: /walk/
                  origin: {bucket: walk, as: operator}
                  access: [{allow: {iam: s3:GetObject}}]
            """;

    private static String nodeSites(Region region) {
        String store = "s3: \"" + region.api() + "\", bucket: walk, coherent: true";
        return """
                memory-limit: 2MiB
                file-limit: 16MiB
                sites:
                  - {name: public, path: /public/, origin: {%1$s}, cache: {ttl: 1h, grace: 1h}}
                  - name: team
                    path: /team/
                    origin: {%1$s, credentials: env}
                    access: [{allow: {token: %2$s}}]
                    cache: {ttl: 1h, grace: 1h}
                """.formatted(store, TOKEN);
    }

    /** Where something is read, and what is asked of the reader there. */
    private enum Place {
        /** By anybody, in the store's process. */
        OWN_PUBLIC,
        /** By who has signed as somebody with the right, in the store's process. */
        OWN_SIGNED,
        NEAR_PUBLIC,
        FAR_PUBLIC,
        /** By who has the token, on another node. */
        FAR_TEAM;

        boolean own() {
            return this == OWN_PUBLIC || this == OWN_SIGNED;
        }

        String path() {
            return switch (this) {
                case OWN_SIGNED -> "/walk/";
                case FAR_TEAM -> "/team/";
                default -> "/public/";
            };
        }
    }

    /**
     * How an object was for some time.
     *
     * @param body null while it is not there
     * @param begunNanos when the change to it was asked for
     * @param ackedNanos when that was acknowledged
     */
    private record State(byte @Nullable [] body, boolean open, long begunNanos, long ackedNanos) {
        static final State NONE = new State(null, false, Long.MIN_VALUE / 2, Long.MIN_VALUE / 2);

        String etag() {
            try {
                byte[] digest = MessageDigest.getInstance("MD5").digest(body == null ? new byte[0] : body);
                return '"' + HexFormat.of().formatHex(digest) + '"';
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void nobodyReadsWhatIsNotForHimOrNotSoAnyMore(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("jarrah.seed", 20261123);
        Path config = Files.writeString(directory.resolve("jarrah.yaml"), REGION_SITES);
        try (Region region = Region.start(directory.resolve("data"), "--config", config.toString());
                IamClient iam = IamClient.builder()
                        .endpointOverride(region.api())
                        .region(software.amazon.awssdk.regions.Region.AWS_GLOBAL)
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            makeBucket(region);
            Path sites = Files.writeString(directory.resolve("sites.yaml"), nodeSites(region));
            Map<String, String> keys =
                    Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET);
            try (Node near = Node.start(directory.resolve("near"), sites.toString(), keys);
                    Node far = Node.start(directory.resolve("far"), sites.toString(), keys);
                    ExecutorService threads = Executors.newFixedThreadPool(WALKERS)) {
                var walks = new ArrayList<Future<Walker>>();
                for (int i = 0; i < WALKERS; i++) {
                    var walker = new Walker("w" + i, seed + i, region, near, far, iam);
                    walks.add(threads.submit(() -> walker.walk(STEPS / WALKERS)));
                }
                for (Future<Walker> walk : walks) {
                    Walker done = walk.get();
                    assertThat(done.hits.values())
                            .as("hits by place, the test would else prove nothing: %s", done.hits)
                            .hasSize(Place.values().length)
                            .allSatisfy(hits -> assertThat(hits).isGreaterThan(10));
                }
            }
        }
    }

    private static void makeBucket(Region region) {
        var owner = new SignedClient(region);
        assertThat(owner.send("PUT", "/walk", new byte[0]).status()).isEqualTo(200);
        String policy = """
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
                 "Resource": "arn:aws:s3:::walk"}]}""";
        assertThat(owner.send("PUT", "/walk?policy", SignedClient.utf8(policy)).status())
                .isEqualTo(204);
    }

    /** One thread's part: objects and a user of its own in the bucket of all. */
    private static final class Walker {
        private final String name;
        private final long seed;
        private final Random random;
        private final int api;
        private final Map<Place, Integer> ports = new EnumMap<>(Place.class);
        private final Map<Integer, RawClient> connections = new HashMap<>();
        private final Map<String, Deque<State>> objects = new HashMap<>();
        private final Map<Place, Integer> hits = new EnumMap<>(Place.class);
        private final IamClient iam;
        private final AccessKey user;
        private boolean granted;
        private int versions;

        Walker(String name, long seed, Region region, Node near, Node far, IamClient iam) {
            this.name = name;
            this.seed = seed;
            this.iam = iam;
            random = new Random(seed);
            api = region.apiPort();
            ports.put(Place.OWN_PUBLIC, region.acceleratorPort());
            ports.put(Place.OWN_SIGNED, region.acceleratorPort());
            ports.put(Place.NEAR_PUBLIC, port(near));
            ports.put(Place.FAR_PUBLIC, port(far));
            ports.put(Place.FAR_TEAM, port(far));
            iam.createUser(request -> request.userName(name));
            user = iam.createAccessKey(request -> request.userName(name)).accessKey();
        }

        private static int port(Node node) {
            return java.net.URI.create(node.url()).getPort();
        }

        Walker walk(int steps) throws IOException {
            for (int i = 0; i < steps; i++) {
                String key = name + "/k" + random.nextInt(8);
                try {
                    step(key);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("step " + i + " on " + key + " of seed " + seed, e);
                }
            }
            connections.values().forEach(RawClient::close);
            return this;
        }

        private void step(String key) {
            switch (random.nextInt(40)) {
                case 0, 1 -> put(key);
                case 2 -> delete(key);
                case 3 -> open(key);
                case 4 -> grant();
                default -> read(key);
            }
        }

        // Changes.

        private Deque<State> states(String key) {
            return objects.computeIfAbsent(key, _ -> new ArrayDeque<>(List.of(State.NONE)));
        }

        private void put(String key) {
            boolean large = random.nextInt(5) == 0;
            byte[] body = new byte[large ? 20_000 + random.nextInt(200_000) : random.nextInt(3_000)];
            random.nextBytes(body);
            byte[] label = SignedClient.utf8(key + " " + versions++ + " ");
            System.arraycopy(label, 0, body, 0, Math.min(label.length, body.length));
            boolean open = random.nextBoolean();
            long begun = System.nanoTime();
            RawMessage answer = owner("PUT", "/walk/" + key, body, "x-amz-acl", open ? "public-read" : "private");
            assertThat(answer.status()).isEqualTo(200);
            states(key).addLast(new State(body, open, begun, System.nanoTime()));
        }

        private void delete(String key) {
            long begun = System.nanoTime();
            assertThat(owner("DELETE", "/walk/" + key, new byte[0]).status()).isEqualTo(204);
            states(key).addLast(new State(null, false, begun, System.nanoTime()));
        }

        private void open(String key) {
            State now = states(key).getLast();
            if (now.body() == null) {
                return;
            }
            long begun = System.nanoTime();
            RawMessage answer = owner(
                    "PUT", "/walk/" + key + "?acl", new byte[0], "x-amz-acl", now.open() ? "private" : "public-read");
            assertThat(answer.status()).isEqualTo(200);
            states(key).addLast(new State(now.body(), !now.open(), begun, System.nanoTime()));
        }

        /** The user's own policy; in the region it counts at once. */
        private void grant() {
            granted = !granted;
            if (granted) {
                iam.putUserPolicy(
                        request -> request.userName(name).policyName("read").policyDocument("""
                        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
                         "Resource": "arn:aws:s3:::walk/%s/*"}]}""".formatted(name)));
            } else {
                iam.deleteUserPolicy(request -> request.userName(name).policyName("read"));
            }
        }

        // Reads.

        private void read(String key) {
            Place place = List.of(Place.values()).get(random.nextInt(Place.values().length));
            boolean credentials = random.nextInt(5) != 0;
            var lines = new ArrayList<String>();
            String method = random.nextInt(6) == 0 ? "HEAD" : "GET";
            String target = place.path() + key;
            int from = -1;
            int to = -1;
            String etag = null;
            switch (random.nextInt(method.equals("GET") ? 6 : 3)) {
                case 5 -> {
                    from = random.nextInt(3_000);
                    to = from + random.nextInt(30_000);
                    lines.add("Range: bytes=" + from + "-" + to);
                }
                case 1 -> {
                    Object[] some = states(key).toArray();
                    etag = ((State) some[random.nextInt(some.length)]).etag();
                    lines.add("If-None-Match: " + etag);
                }
                default -> {}
            }
            if (credentials && place == Place.FAR_TEAM) {
                lines.add("Authorization: Bearer " + TOKEN);
            } else if (credentials && place == Place.OWN_SIGNED) {
                lines.addAll(
                        signed(user.accessKeyId(), user.secretAccessKey(), method, target, ports(place), new byte[0]));
            }
            long asked = System.nanoTime();
            RawMessage answer = send(ports(place), method, target, lines, new byte[0]);
            long answered = System.nanoTime();
            if (String.valueOf(answer.first("Cache-Status")).startsWith("jarrah; hit")) {
                hits.merge(place, 1, Integer::sum);
            }
            var expected = new ArrayList<String>();
            for (State state : inForce(key, place.own() ? 0 : LEASE_NANOS, asked, answered)) {
                String mismatch = mismatch(answer, method.equals("HEAD"), place, credentials, state, from, to, etag);
                if (mismatch.isEmpty()) {
                    return;
                }
                expected.add(mismatch);
            }
            throw new AssertionError(place + " " + method + " " + lines + " was answered with " + answer.startLine()
                    + " " + answer.fields() + ", but " + expected);
        }

        private int ports(Place place) {
            return ports.getOrDefault(place, 0);
        }

        /** The states that an answer may tell of that was asked for and came then, by the age that is allowed. */
        private List<State> inForce(String key, long ageNanos, long asked, long answered) {
            Deque<State> all = states(key);
            var in = new ArrayList<State>();
            State next = null;
            for (var back = all.descendingIterator(); back.hasNext(); ) {
                State state = back.next();
                boolean over = next != null && next.ackedNanos() + ageNanos < asked;
                if (!over && state.begunNanos() <= answered) {
                    in.add(state);
                }
                next = state;
            }
            while (all.size() > 30) {
                all.removeFirst();
            }
            return in;
        }

        /** What is wrong with the answer if that is how the object is; empty if nothing is. */
        private String mismatch(
                RawMessage answer,
                boolean head,
                Place place,
                boolean credentials,
                State state,
                int from,
                int to,
                @Nullable String etag) {
            byte[] body = state.body();
            int status = body == null ? 404 : 200;
            switch (place) {
                case OWN_PUBLIC, NEAR_PUBLIC, FAR_PUBLIC -> status = body != null && !state.open() ? 403 : status;
                case FAR_TEAM -> status = credentials ? status : 401;
                case OWN_SIGNED -> {
                    // Whoever may list the bucket, here everybody, may know that there is none.
                    boolean allowed = credentials && (granted || body == null || state.open());
                    status = allowed ? status : 403;
                }
            }
            byte[] part = body == null ? new byte[0] : body;
            if (status == 200 && state.etag().equals(etag)) {
                status = 304;
            } else if (status == 200 && from >= 0) {
                status = from >= part.length ? 416 : 206;
                part = Arrays.copyOfRange(part, Math.min(from, part.length), Math.min(to + 1, part.length));
            }
            if (answer.status() != status) {
                return "status " + status;
            }
            if (status == 200 || status == 206) {
                if (!state.etag().equals(answer.first("ETag"))) {
                    return "ETag " + state.etag();
                }
                if (!Integer.toString(part.length).equals(answer.first("Content-Length"))) {
                    return "length " + part.length;
                }
                return head || Arrays.equals(answer.body(), part) ? "" : "another body";
            }
            return answer.first("ETag") == null || status == 304 || status == 416 ? "" : "no ETag";
        }

        // Requests.

        private RawMessage owner(String method, String target, byte[] body, String... fields) {
            return send(
                    api,
                    method,
                    target,
                    signed(Region.ACCESS_KEY_ID, Region.SECRET, method, target, api, body, fields),
                    body);
        }

        private static List<String> signed(
                String id, String secret, String method, String target, int port, byte[] body, String... fields) {
            Headers headers = Headers.of(fields).set("Host", "127.0.0.1:" + port);
            int mark = target.indexOf('?');
            new RequestSigner(id, secret, "us-east-1", "s3", Clock.systemUTC())
                    .sign(
                            method,
                            mark < 0 ? target : target.substring(0, mark),
                            mark < 0 ? null : target.substring(mark + 1),
                            headers,
                            SignedClient.sha256(body));
            var lines = new ArrayList<String>();
            headers.forEach((name, value) -> lines.add(name + ": " + value));
            return lines;
        }

        private RawMessage send(int port, String method, String target, List<String> fields, byte[] body) {
            RawClient client = connections.computeIfAbsent(port, RawClient::connect);
            var lines = new ArrayList<>(fields);
            if (method.equals("PUT")) {
                lines.add("Content-Length: " + body.length);
            }
            client.request(method, target, lines.toArray(String[]::new));
            if (body.length > 0) {
                client.send(body);
            }
            RawMessage answer = method.equals("HEAD") ? client.readHead() : client.read();
            if ("close".equals(answer.first("Connection"))) {
                connections.remove(port).close();
            }
            return answer;
        }
    }
}
