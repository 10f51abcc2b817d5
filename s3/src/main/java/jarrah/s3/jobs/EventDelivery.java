package jarrah.s3.jobs;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import jarrah.s3.S3Settings;
import jarrah.s3.S3Settings.Destination;
import jarrah.s3.store.Outbox;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to webhooks and files, at least once and for each of them in order: while one waits to be tried again, those behind
 * it for the same destination wait too. Given up after a day.
 */
public final class EventDelivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);
    private static final Duration GIVEN_UP = Duration.ofDays(1);
    private static final int PAGE = 100;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final Outbox outbox;
    private final Clock clock;
    private final S3Settings settings;
    private final HttpClient client;
    private final Map<String, Retry> retries = new HashMap<>();
    private final Repeating repeating;

    /** When a destination that failed is tried again, and how long it is waited after that. */
    private record Retry(Instant at, Duration next) {}

    public EventDelivery(Events events, Clock clock, S3Settings settings) {
        outbox = events.outbox();
        this.clock = clock;
        this.settings = settings;
        client = new HttpClient(HttpClientConfig.defaults().withTimeouts(PATIENCE, PATIENCE, PATIENCE));
        repeating = new Repeating("s3-events", PAUSE, this::deliver);
    }

    /** Starts to deliver, on a virtual thread, until closed. */
    public EventDelivery start() {
        repeating.start();
        return this;
    }

    /** Tries every letter that may be tried now, once. */
    public synchronized void deliver() {
        long after = 0;
        List<Outbox.Letter> page;
        do {
            page = outbox.list(after, PAGE);
            for (Outbox.Letter letter : page) {
                after = letter.number();
                if (!repeating.ends()) {
                    deliver(letter);
                }
            }
        } while (page.size() == PAGE && !repeating.ends());
    }

    private void deliver(Outbox.Letter letter) {
        Instant now = clock.instant();
        if (letter.written().plus(GIVEN_UP).isBefore(now)) {
            LOG.warn("An event for {} of {} was not delivered within a day", letter.to(), letter.written());
            outbox.remove(letter.number());
            return;
        }
        Retry retry = retries.get(letter.to());
        if (retry != null && retry.at.isAfter(now)) {
            return;
        }
        try {
            Destination to = settings.destination(letter.to())
                    .orElseThrow(() -> new IOException("no destination of that name is configured"));
            switch (to) {
                case Destination.Webhook webhook -> post(webhook, letter.body());
                case Destination.Lines lines -> {
                    byte[] line = Arrays.copyOf(letter.body(), letter.body().length + 1);
                    line[line.length - 1] = '\n';
                    Files.write(lines.file(), line, CREATE, APPEND);
                }
            }
            outbox.remove(letter.number());
            retries.remove(letter.to());
        } catch (IOException failed) {
            Duration wait = retry == null ? FIRST_RETRY : retry.next;
            Duration next = wait.multipliedBy(2);
            retries.put(letter.to(), new Retry(now.plus(wait), next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next));
            LOG.info("{} did not take an event, again in {} s: {}", letter.to(), wait.toSeconds(), failed.getMessage());
        }
    }

    private void post(Destination.Webhook webhook, byte[] body) throws IOException {
        URI url = webhook.url();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
        Headers headers = Headers.of("Content-Type", "application/json");
        webhook.token().ifPresent(token -> headers.set("Authorization", "Bearer " + token));
        var request = new ClientRequest(
                "POST", HttpOrigin.of(url.toString()), target, headers, new ClientRequest.Content.Bytes(body));
        try (ClientResponse response = client.execute(request)) {
            response.readAll(MAX_ANSWER_BYTES);
            if (response.status() / 100 != 2) {
                throw new IOException("status " + response.status());
            }
        }
    }

    /** Ends the thread after the letter that it is at; the rest waits in the store. */
    @Override
    public void close() {
        repeating.close();
        client.close();
    }
}
