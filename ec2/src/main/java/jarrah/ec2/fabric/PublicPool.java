package jarrah.ec2.fabric;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A /24 for public addresses that no other server of this host uses, for as long as this is open.
 *
 * <p>198.18.0.0/15 is set aside for tests between networks (RFC 2544, RFC 6890): nobody's real addresses are hidden by it.
 */
final class PublicPool implements AutoCloseable {
    private static final Ipv4Range CHOICE = Ipv4Range.parse("198.18.0.0/15");
    private static final int POOLS = 512;

    private final Ipv4Range range;
    private final FileChannel channel;

    private PublicPool(Ipv4Range range, FileChannel channel) {
        this.range = range;
        this.channel = channel;
    }

    /**
     * Takes a pool.
     *
     * @param wanted this one or none, where addresses of it are in use already or it was set; empty for any
     * @throws IOException if there is none to be had
     */
    static synchronized PublicPool take(FabricNames names, Path runDirectory, Optional<String> wanted)
            throws IOException {
        Files.createDirectories(runDirectory);
        // Held while files are opened and removed: else somebody might lock one that has just lost its name.
        try (var guard = FileChannel.open(
                        runDirectory.resolve("pools.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = guard.lock()) {
            sweep(runDirectory);
            return choose(names, runDirectory, wanted);
        }
    }

    /** Removes the files of servers that are gone. */
    private static void sweep(Path runDirectory) throws IOException {
        try (var files = Files.newDirectoryStream(runDirectory, "pool-*.lock")) {
            for (Path file : files) {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                        var lock = channel.tryLock()) {
                    if (lock != null) {
                        Files.delete(file);
                    }
                } catch (OverlappingFileLockException e) {
                    // held in this process
                }
            }
        }
    }

    private static PublicPool choose(FabricNames names, Path runDirectory, Optional<String> wanted) throws IOException {
        if (wanted.isPresent()) {
            var range = Ipv4Range.parse(wanted.get());
            if (range.prefix() != 24) {
                throw new IllegalArgumentException("a public pool is a /24, not " + range);
            }
            PublicPool pool = tryTake(range, names, runDirectory);
            if (pool == null) {
                throw new IOException("the public pool " + range + " is used by another server or route of this host");
            }
            return pool;
        }
        int first = Integer.parseUnsignedInt(names.id(), 16) & (POOLS - 1);
        for (int i = 0; i < POOLS; i++) {
            int number = (first + i) & (POOLS - 1);
            PublicPool pool = tryTake(new Ipv4Range(CHOICE.plus(number << 8), 24), names, runDirectory);
            if (pool != null) {
                return pool;
            }
        }
        throw new IOException("every /24 of " + CHOICE + " is in use on this host: set a public pool");
    }

    private static @Nullable PublicPool tryTake(Ipv4Range range, FabricNames names, Path runDirectory)
            throws IOException {
        Path file = runDirectory.resolve("pool-" + Ipv4Range.format(range.base()) + ".lock");
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null; // held in this process
        }
        if (lock == null || isRouted(range, names)) {
            channel.close();
            return null;
        }
        return new PublicPool(range, channel);
    }

    /** Whether the host knows somebody else in the range or around it; the default route does not count. */
    private static boolean isRouted(Ipv4Range range, FabricNames names) throws IOException {
        String within = Commands.run(
                List.of("ip", "-4", "-o", "route", "show", "table", "all", "root", range.toString()), "", false);
        String around = Commands.run(List.of("ip", "-4", "-o", "route", "show", "match", range.toString()), "", false);
        return (within + around)
                .lines()
                .anyMatch(line -> !line.isBlank()
                        && !line.startsWith("default")
                        && !line.contains("dev " + names.hostDevice() + " "));
    }

    Ipv4Range range() {
        return range;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
