package jarrah.accelerator.acme;

import jarrah.accelerator.config.AcmeConfig;
import jarrah.http.Exchange;
import jarrah.http.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a certificate for each name, in a file for each, and renews it when a third of its time is left: the TLS listener
 * looks at the files itself. Until the authority has given the first, one stands in that vouches for itself, so that the
 * port is served. What fails is tried again, after two minutes at first and six hours at last: authorities count failures.
 */
public final class AcmeCertificates implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AcmeCertificates.class);

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(2);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(6);

    /** Clocks are set, machines sleep. */
    private static final Duration LONGEST_SLEEP = Duration.ofMinutes(10);

    private final Path directory;
    private final Clock clock;
    private final Challenges challenges = new Challenges();

    /** By name: what went wrong, and when to try again. Guarded by this. */
    private final Map<String, Failure> failures = new HashMap<>();

    private Optional<AcmeConfig> wanted = Optional.empty();
    private @Nullable Thread keeper;
    private boolean closed;

    private record Failure(String why, Duration pause, Instant until) {}

    /**
     * How a certificate stands.
     *
     * @param ends when it runs out; null if the authority has given none yet
     * @param trouble what went wrong when it was last asked for; null if nothing
     */
    public record Standing(
            String name, @Nullable Instant ends, @Nullable String trouble) {}

    /**
     * Does nothing yet.
     *
     * @param directory for keys and certificates; made when it is first needed
     */
    public AcmeCertificates(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * The files of certificates, in the order of the names; those that are missing are made, to stand in.
     *
     * @throws IOException if the directory cannot be written, or the authorities to trust cannot be read
     */
    public List<Tls.PemFiles> files(AcmeConfig config) throws IOException {
        Path place = place(config);
        Files.createDirectories(
                place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (!isKeeping()) {
            PemFile.removeUnfinished(place);
        }
        authority(config);
        var files = new ArrayList<Tls.PemFiles>();
        for (String name : config.names()) {
            Path file = file(config, name);
            if (!Files.exists(file)) {
                PemFile.write(file, PemFile.standIn(name, clock.instant()));
            }
            files.add(new Tls.PemFiles(file, file));
        }
        return files;
    }

    /** Goes by other settings from now on; empty for none. What an order under way gives is kept all the same. */
    public synchronized void keep(Optional<AcmeConfig> config) {
        if (config.equals(wanted)) {
            return;
        }
        wanted = config;
        failures.clear();
        if (keeper == null && config.isPresent()) {
            keeper = Thread.ofVirtual().name("certificates").start(this::run);
        }
        notifyAll();
    }

    /** Answers a question of the authority, on the event loop; false, and nothing done, if the request is none. */
    public boolean answer(Exchange exchange) {
        return challenges.answer(exchange);
    }

    /** How each certificate stands. */
    public List<Standing> standings() {
        return wanted().map(config -> config.names().stream()
                        .map(name -> standing(config, name))
                        .toList())
                .orElse(List.of());
    }

    private Standing standing(AcmeConfig config, String name) {
        try {
            X509Certificate there = PemFile.read(file(config, name));
            Instant ends = PemFile.standsIn(there) ? null : there.getNotAfter().toInstant();
            return new Standing(name, ends, trouble(name));
        } catch (IOException e) {
            return new Standing(name, null, e.getMessage());
        }
    }

    private synchronized boolean isKeeping() {
        return keeper != null;
    }

    private synchronized Optional<AcmeConfig> wanted() {
        return wanted;
    }

    private synchronized @Nullable String trouble(String name) {
        Failure failure = failures.get(name);
        return failure == null ? null : failure.why;
    }

    /** Another authority begins anew. */
    private Path place(AcmeConfig config) {
        String text = config.directory().toString().substring("https://".length());
        return directory.resolve(text.replaceAll("[^A-Za-z0-9.-]", "_"));
    }

    private Path file(AcmeConfig config, String name) {
        return place(config).resolve(name + ".pem");
    }

    private Authority authority(AcmeConfig config) throws IOException {
        return new Authority(config, place(config).resolve("account.key"), challenges);
    }

    private void run() {
        try {
            while (true) {
                Optional<AcmeConfig> config = wanted();
                Instant next = clock.instant().plus(LONGEST_SLEEP);
                if (config.isPresent()) {
                    next = keepAll(config.get(), next);
                }
                synchronized (this) {
                    if (closed) {
                        return;
                    }
                    if (wanted.equals(config)) {
                        wait(Math.max(1, Duration.between(clock.instant(), next).toMillis()));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Orders what it is time for; when to look again, at the latest. */
    private Instant keepAll(AcmeConfig config, Instant latest) throws InterruptedException {
        Instant next = latest;
        for (String name : config.names()) {
            Instant due = keep(config, name);
            next = due.isBefore(next) ? due : next;
        }
        return next;
    }

    /** Orders the certificate if it is time; when to look again. */
    private Instant keep(AcmeConfig config, String name) throws InterruptedException {
        Instant due;
        try {
            due = due(config, name);
        } catch (IOException e) {
            due = Instant.MIN; // what cannot be read is made anew
        }
        if (due.isAfter(clock.instant())) {
            return due;
        }
        try {
            PemFile.write(file(config, name), authority(config).order(name));
            synchronized (this) {
                failures.remove(name);
            }
            due = due(config, name);
            if (!due.isAfter(clock.instant())) {
                return failed(name, "what it gave has run out already: is the clock right?", Optional.empty());
            }
            LOG.info("{} has a certificate, to be renewed at {}", name, due);
            return due;
        } catch (AcmeRateLimitedException e) {
            return failed(name, e.getMessage(), e.getRetryAfter());
        } catch (AcmeException | IOException | RuntimeException e) {
            return failed(name, e.getMessage() == null ? e.toString() : e.getMessage(), Optional.empty());
        }
    }

    private Instant due(AcmeConfig config, String name) throws IOException {
        synchronized (this) {
            Failure failure = failures.get(name);
            if (failure != null) {
                return failure.until;
            }
        }
        X509Certificate there = PemFile.read(file(config, name));
        if (PemFile.standsIn(there)) {
            return Instant.MIN;
        }
        Instant from = there.getNotBefore().toInstant();
        Instant to = there.getNotAfter().toInstant();
        return to.minus(Duration.between(from, to).dividedBy(3));
    }

    private synchronized Instant failed(String name, @Nullable String why, Optional<Instant> notBefore) {
        Failure former = failures.get(name);
        Duration pause = former == null ? FIRST_PAUSE : former.pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        Instant until = clock.instant().plus(pause);
        until = notBefore.filter(until::isBefore).orElse(until);
        failures.put(name, new Failure(String.valueOf(why), pause, until));
        LOG.warn("no certificate for {}: {}; the next try is at {}", name, why, until);
        return until;
    }

    /** Orders nothing more. Harmless twice. */
    @Override
    public synchronized void close() {
        closed = true;
        if (keeper != null) {
            keeper.interrupt();
        }
        notifyAll();
    }
}
