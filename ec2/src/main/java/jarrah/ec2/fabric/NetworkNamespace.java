package jarrah.ec2.fabric;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * A named network namespace, as {@code ip netns} makes them.
 *
 * <p>Work inside it is done by a platform thread that lives for that work alone. It must not start threads, submit to an
 * executor or start a process: a new thread inherits the namespace of the one that started it, and a carrier of virtual
 * threads born in a namespace would from then on run other people's connections there. Sockets do not mind: they belong
 * to the namespace that they were made in, whichever thread uses them.
 *
 * @param name its name under {@code /run/netns}
 */
record NetworkNamespace(String name) {
    private static final Path DIRECTORY = Path.of("/run/netns");
    private static final Path DEVICES = Path.of("/proc/thread-self/net/dev");
    private static final Path SETTINGS = Path.of("/proc/sys/net");

    Path path() {
        return DIRECTORY.resolve(name);
    }

    /** Whether there is one that can be entered. */
    boolean exists() throws IOException {
        if (!Files.exists(path())) {
            return false;
        }
        try {
            call(() -> true);
            return true;
        } catch (Libc.Failure e) {
            return false; // a file that was left without its mount
        }
    }

    /** The names of its devices; the JDK's list leaves out those without an address. */
    Set<String> devices() throws IOException {
        // Two lines of headings, then "  name: counters" for each (proc_net(5)).
        return call(() -> Files.readAllLines(DEVICES)).stream()
                .skip(2)
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .collect(Collectors.toSet());
    }

    /**
     * Writes kernel settings that belong to it; what this kernel does not have is passed over.
     *
     * @param values by their path below {@code /proc/sys/net}
     */
    void set(Map<String, String> values) throws IOException {
        call(() -> {
            for (var value : values.entrySet()) {
                // The kernel shows each thread the settings of the namespace that it is in.
                Path path = SETTINGS.resolve(value.getKey());
                if (Files.exists(path)) {
                    Files.writeString(path, value.getValue());
                }
            }
            return true;
        });
    }

    /** The command that runs what follows it inside. */
    List<String> prefix() {
        return List.of("nsenter", "--net=" + path(), "--");
    }

    /** Runs the work on a thread inside and waits for it. */
    <T> T call(Callable<T> work) throws IOException {
        var result = new AtomicReference<T>();
        var failure = new AtomicReference<Throwable>();
        Thread thread = Thread.ofPlatform().name("in " + name).start(() -> {
            try {
                enter();
                result.set(work.call());
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted in " + name, e);
        }
        Throwable thrown = failure.get();
        return switch (thrown) {
            case null -> result.get();
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IOException(thrown);
        };
    }

    /** Runs each task inside before it returns. */
    Executor executor() {
        return task -> {
            try {
                call(() -> {
                    task.run();
                    return true;
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private void enter() throws IOException {
        int fd = Libc.open(path().toString(), 0);
        try {
            Libc.setNetworkNamespace(fd);
        } finally {
            Libc.close(fd);
        }
    }
}
