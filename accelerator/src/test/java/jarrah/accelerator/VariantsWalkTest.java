package jarrah.accelerator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random steps before an HTTP origin whose answers differ by language, user and cookie: overwrites through the cache, time that
 * passes, credentials that come and go in files, a herd of reads beside them. Each body can be told from what it is an answer
 * to, and each is held against what its reader could see from his question to the answer.
 */
final class VariantsWalkTest {
    private static final List<String> NAMES =
            List.of("lang-1", "lang-60", "own-1", "own-60", "private-60", "cookie-1", "cookie-60", "shared-60");
    private static final List<String> LANGUAGES = List.of("", "de", "en", "de, en");
    private static final List<String> USERS = List.of("", "anna", "otto");
    private static final List<String> CREDENTIALS =
            List.of("token-of-the-night-watch", "token-of-the-day-watch", "anna:password", "otto:password");

    /** What files say of credentials may be seen for that long after a change. */
    private static final long FILE_LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int BESIDE = 16;

    @TempDir
    Path directory;

    /** What was the case when: a value may be seen from the begin of its change until the next was acknowledged. */
    private static final class History<T> {
        private record Span<T>(T value, long fromNanos, long untilNanos) {}

        private final Deque<Span<T>> spans = new ArrayDeque<>();

        History(T first) {
            spans.add(new Span<>(first, System.nanoTime(), Long.MAX_VALUE));
        }

        synchronized T latest() {
            return spans.getLast().value();
        }

        synchronized void begin(T next) {
            if (spans.size() > 100) {
                spans.removeFirst();
            }
            spans.add(new Span<>(next, System.nanoTime(), Long.MAX_VALUE));
        }

        synchronized void acknowledged() {
            Span<T> last = spans.removeLast();
            Span<T> before = spans.removeLast();
            spans.add(new Span<>(before.value(), before.fromNanos(), System.nanoTime()));
            spans.add(last);
        }

        synchronized Set<T> possible(long asked, long answered, long lateNanos) {
            var values = new HashSet<T>();
            for (Span<T> span : spans) {
                boolean over = span.untilNanos() != Long.MAX_VALUE && span.untilNanos() + lateNanos < asked;
                if (!over && span.fromNanos() <= answered) {
                    values.add(span.value());
                }
            }
            return values;
        }
    }

    private enum Shape {
        GET,
        HEAD,
        RANGE,
        IF_NONE_MATCH,
        IF_RANGE
    }

    /**
     * A reader's question.
     *
     * @param credential what the site asks for; of no account where it asks for none
     * @param known the version whose entity tag conditions name
     */
    private record Ask(
            String site,
            String name,
            String language,
            String user,
            String credential,
            Shape shape,
            int known,
            int from,
            int length) {
        String representation(int version) {
            String kind = name.substring(0, name.indexOf('-'));
            return "content:" + name + ":" + version + ":" + (kind.equals("lang") ? language : "") + ":"
                    + (kind.equals("lang") || kind.equals("shared") ? "" : user) + ";";
        }
    }

    private final Map<String, History<Integer>> versions = new TreeMap<>();
    private final Map<String, History<Boolean>> rights = new TreeMap<>();
    private final Map<String, Integer> atOrigin = new ConcurrentHashMap<>();
    private final Semaphore beside = new Semaphore(BESIDE);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @Test
    void nobodyGetsAnotherReadersAnswerOrAnOldOne() throws Exception {
        walk(1, 3_000);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(longs = {11, 12, 13, 14, 15})
    void nobodyGetsAnotherReadersAnswerOrAnOldOneForLong(long seed) throws Exception {
        walk(seed, 100_000);
    }

    private void walk(long seed, int steps) throws Exception {
        NAMES.forEach(name -> versions.put(name, new History<>(1)));
        CREDENTIALS.forEach(credential -> rights.put(credential, new History<>(true)));
        writeCredentials();
        var random = new Random(seed);

        try (var stack = new Stack("""
                memory-limit: 1MiB
                sites:
                  - {name: open, path: /open/, origin: {http: ORIGIN}, methods: all}
                  - name: team
                    path: /team/
                    origin: {http: ORIGIN}
                    access: [{allow: {tokens: %1$s/tokens}}, {allow: {passwords: %1$s/passwords}}]
                """.formatted(directory), directory.resolve("files"))) {
            stack.origin.otherwise(this::answer);
            for (int step = 0; step < steps; step++) {
                try {
                    step(stack, random);
                    Throwable failure = failures.poll();
                    if (failure != null) {
                        throw new AssertionError("beside it", failure);
                    }
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", step " + step, e);
                }
            }
            drain();
            assertThat(failures).as("seed %d", seed).isEmpty();
            for (String site : new String[] {"open", "team"}) {
                AcceleratorCounters.Site counts =
                        requireNonNull(stack.accelerator.counters().sites().get(site));
                assertThat(counts.hits())
                        .as("hits at %s since the last restart", site)
                        .isPositive();
            }
        }
    }

    private void step(Stack stack, Random random) throws Exception {
        switch (random.nextInt(200)) {
            case 0, 1, 2, 3, 4, 5 -> put(stack, NAMES.get(random.nextInt(NAMES.size())));
            case 6, 7, 8, 9 -> stack.later(Duration.ofMillis(random.nextInt(900)));
            case 10 -> turn(CREDENTIALS.get(random.nextInt(CREDENTIALS.size())));
            case 11 -> {
                if (random.nextInt(10) == 0) {
                    drain();
                    stack.restart();
                }
            }
            case 12, 13, 14, 15 -> herd(stack, random);
            default -> ask(stack, question(random));
        }
    }

    private void put(Stack stack, String name) {
        History<Integer> history = requireNonNull(versions.get(name));
        int version = history.latest() + 1;
        history.begin(version);
        RawMessage answer = stack.request("PUT", "/open/" + name, "Content-Length: 0", "X-Version: " + version);
        assertThat(answer.status()).isEqualTo(204);
        history.acknowledged();
    }

    private void turn(String credential) throws IOException {
        History<Boolean> history = requireNonNull(rights.get(credential));
        history.begin(!history.latest());
        writeCredentials();
        history.acknowledged();
    }

    private void writeCredentials() throws IOException {
        var tokens = new StringBuilder("# tokens\n");
        var passwords = new StringBuilder("# passwords\n");
        rights.forEach((credential, right) -> {
            int colon = credential.indexOf(':');
            if (right.latest() && colon < 0) {
                tokens.append(credential).append('\n');
            } else if (right.latest()) {
                passwords.append(credential, 0, colon).append(":{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");
            }
        });
        replace("tokens", tokens.toString());
        replace("passwords", passwords.toString());
    }

    private void replace(String name, String text) throws IOException {
        Path next = Files.writeString(directory.resolve(name + ".next"), text);
        Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Readers of every kind ask for the same at once, so that they meet in one fetch, beside the steps that follow. */
    private void herd(Stack stack, Random random) throws InterruptedException {
        Ask first = question(random);
        for (int i = 0; i < 4; i++) {
            Ask next = question(random);
            var ask = new Ask(
                    first.site(),
                    first.name(),
                    next.language(),
                    next.user(),
                    next.credential(),
                    next.shape(),
                    first.known(),
                    next.from(),
                    next.length());
            if (!beside.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new AssertionError("an answer does not come");
            }
            Thread.ofVirtual().start(() -> {
                try {
                    ask(stack, ask);
                } catch (RuntimeException | AssertionError e) {
                    failures.add(e);
                } finally {
                    beside.release();
                }
            });
        }
    }

    private void drain() throws InterruptedException {
        assertThat(beside.tryAcquire(BESIDE, 1, TimeUnit.MINUTES)).isTrue();
        beside.release(BESIDE);
    }

    private Ask question(Random random) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        int latest = requireNonNull(versions.get(name)).latest();
        var all = new ArrayList<>(CREDENTIALS);
        all.addAll(List.of("", "token-of-nobody-at-all", "anna:Password"));
        return new Ask(
                random.nextInt(3) == 0 ? "team" : "open",
                name,
                LANGUAGES.get(random.nextInt(LANGUAGES.size())),
                USERS.get(random.nextInt(USERS.size())),
                all.get(random.nextInt(all.size())),
                random.nextBoolean() ? Shape.GET : Shape.values()[random.nextInt(Shape.values().length)],
                Math.max(1, latest - random.nextInt(2)),
                random.nextInt(400),
                1 + random.nextInt(600));
    }

    /** The origin's answer; of one path all sites have the same. */
    private Reply answer(RawMessage request) {
        String name = request.target().substring(request.target().lastIndexOf('/') + 1);
        if (request.method().equals("PUT")) {
            atOrigin.put(name, Integer.parseInt(String.valueOf(request.first("X-Version"))));
            return Reply.of(204);
        }
        boolean own = name.startsWith("own");
        String user = own ? request.first("Authorization") : request.first("Cookie");
        var ask = new Ask("", name, or(request.first("Accept-Language")), or(user), "", Shape.GET, 0, 0, 0);
        String body = body(ask, atOrigin.getOrDefault(name, 1));
        String control =
                name.startsWith("private") ? "private, max-age=60" : "max-age=" + name.substring(name.indexOf('-') + 1);
        boolean same = etag(body).equals(request.first("If-None-Match"));
        Reply reply = same ? Reply.of(304) : Reply.ok(body);
        reply = reply.header("ETag", etag(body)).header("Cache-Control", control);
        return name.startsWith("lang")
                ? reply.header("Vary", "Accept-Language")
                : name.startsWith("cookie") ? reply.header("Vary", "Cookie") : reply;
    }

    private static String or(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static String body(Ask ask, int version) {
        return ask.representation(version).repeat(24);
    }

    private static String etag(String body) {
        return '"' + Integer.toHexString(body.hashCode()) + '-' + body.length() + '"';
    }

    private void ask(Stack stack, Ask ask) {
        var fields = new ArrayList<String>();
        if (!ask.language().isEmpty()) {
            fields.add("Accept-Language: " + ask.language());
        }
        boolean team = ask.site().equals("team");
        boolean own = ask.name().startsWith("own");
        if (!ask.user().isEmpty() && !(own && team)) {
            fields.add((own ? "Authorization: " : "Cookie: ") + ask.user());
        }
        if (team && !ask.credential().isEmpty()) {
            byte[] pair = ask.credential().getBytes(StandardCharsets.UTF_8);
            fields.add("Authorization: "
                    + (ask.credential().contains(":")
                            ? "Basic " + Base64.getEncoder().encodeToString(pair)
                            : "Bearer " + ask.credential()));
        }
        // With a rule's credential taken, nobody in particular asks.
        Ask meant = own && team
                ? new Ask(
                        ask.site(),
                        ask.name(),
                        ask.language(),
                        "",
                        ask.credential(),
                        ask.shape(),
                        ask.known(),
                        ask.from(),
                        ask.length())
                : ask;
        String range = "Range: bytes=" + ask.from() + "-" + (ask.from() + ask.length() - 1);
        String known = etag(body(meant, ask.known()));
        switch (ask.shape()) {
            case GET, HEAD -> {}
            case RANGE -> fields.add(range);
            case IF_NONE_MATCH -> fields.add("If-None-Match: " + known);
            case IF_RANGE -> fields.addAll(List.of(range, "If-Range: " + known));
        }
        long asked = System.nanoTime();
        String method = ask.shape() == Shape.HEAD ? "HEAD" : "GET";
        RawMessage answer = stack.request(method, "/" + ask.site() + "/" + ask.name(), fields.toArray(String[]::new));
        check(meant, team, answer, asked, System.nanoTime());
    }

    private void check(Ask ask, boolean team, RawMessage answer, long asked, long answered) {
        History<Boolean> right = rights.get(ask.credential());
        Set<Boolean> may =
                !team ? Set.of(true) : right == null ? Set.of(false) : right.possible(asked, answered, FILE_LATE_NANOS);
        // What is overwritten at one site is no news to another: there it is as old as it may be.
        Set<Integer> there =
                requireNonNull(versions.get(ask.name())).possible(asked, answered, team ? Long.MAX_VALUE / 2 : 0);
        if (answer.status() == 401) {
            assertThat(may).as("%s", ask).contains(false);
            assertThat(answer.text()).doesNotContain("content:");
            assertThat(answer.first("ETag")).isNull();
            return;
        }
        assertThat(may).as("%s was answered with %s", ask, answer.startLine()).contains(true);
        assertThat(there)
                .as("%s was answered with %s %s", ask, answer.startLine(), answer.fields())
                .anyMatch(version -> fits(ask, answer, version));
    }

    private static boolean fits(Ask ask, RawMessage answer, int version) {
        String whole = body(ask, version);
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        boolean known = ask.known() == version;
        boolean part = ask.shape() == Shape.RANGE || (ask.shape() == Shape.IF_RANGE && known);
        if (answer.status() == 416) {
            return part && ask.from() >= bytes.length;
        }
        if (!etag(whole).equals(answer.first("ETag"))) {
            return false;
        }
        int end = Math.min(bytes.length, ask.from() + ask.length());
        return switch (answer.status()) {
            case 304 -> ask.shape() == Shape.IF_NONE_MATCH && known;
            case 206 ->
                part
                        && ("bytes " + ask.from() + "-" + (end - 1) + "/" + bytes.length)
                                .equals(answer.first("Content-Range"))
                        && Arrays.equals(answer.body(), Arrays.copyOfRange(bytes, ask.from(), end));
            case 200 ->
                !(ask.shape() == Shape.IF_NONE_MATCH && known)
                        && (ask.shape() == Shape.HEAD
                                ? Integer.toString(bytes.length).equals(answer.first("Content-Length"))
                                : answer.text().equals(whole));
            default -> false;
        };
    }
}
