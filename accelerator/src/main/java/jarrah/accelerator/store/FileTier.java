package jarrah.accelerator.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of stored answers.
 *
 * <pre>
 *     DIRECTORY/7f/7f3a09c2d4e5f601.body    the bytes of the body and nothing else, so that sendfile starts at 0
 *     DIRECTORY/7f/7f3a09c2d4e5f601.head    key, head, length and checksums of the body; see {@link HeadFile}
 *     DIRECTORY/7f/7f3a09c2d4e5f601.new     a head that is being written
 * </pre>
 *
 * <p>The head is written after the body, under another name, and renamed: a body without a head was not finished. Nothing
 * is synced: a killed process loses nothing that it wrote, and after a power failure the checksums of head and body find
 * what is torn. The head lies apart so that a 304 can replace it without touching the body.
 */
final class FileTier {
    private static final Logger LOG = LoggerFactory.getLogger(FileTier.class);

    /** Disks give space in such blocks. */
    private static final int BLOCK_BYTES = 4096;

    /** Files held open between uses. */
    private static final int MAX_OPEN = 512;

    private final Path directory;
    private final LongConsumer whenFreed;
    private final ArrayDeque<FileBody> opened = new ArrayDeque<>();
    private final AtomicInteger open = new AtomicInteger();

    /**
     * Opens the tier; makes the directory if need be.
     *
     * @param whenFreed told how many bytes a deleted body gave back, once nobody reads it any more
     */
    FileTier(Path directory, LongConsumer whenFreed) throws IOException {
        this.directory = directory;
        this.whenFreed = whenFreed;
        for (int i = 0; i < 256; i++) {
            Files.createDirectories(directory.resolve(HexFormat.of().toHexDigits((byte) i)));
        }
    }

    /** What a file of that length takes on the disk. */
    static long cost(long length) {
        return (length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }

    Path bodyPath(long id) {
        return path(id, ".body");
    }

    private Path path(long id, String suffix) {
        String name = HexFormat.of().toHexDigits(id);
        return directory.resolve(name.substring(0, 2)).resolve(name + suffix);
    }

    FileDraft create() throws IOException {
        long id = ThreadLocalRandom.current().nextLong();
        FileChannel channel = FileChannel.open(
                bodyPath(id), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        open.incrementAndGet();
        return new FileDraft(this, id, channel);
    }

    /** Writes or replaces the head beside a body. */
    void writeHead(long id, byte[] head) throws IOException {
        Path fresh = path(id, ".new");
        Files.write(fresh, head);
        Files.move(fresh, path(id, ".head"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes head and body; the head first, so that what is half removed counts as unfinished. */
    void unlink(long id) {
        try {
            Files.deleteIfExists(path(id, ".head"));
            Files.deleteIfExists(bodyPath(id));
        } catch (IOException e) {
            LOG.warn("A stored answer could not be removed: {}", bodyPath(id), e);
        }
    }

    void removeHead(long id) {
        try {
            Files.deleteIfExists(path(id, ".head"));
        } catch (IOException e) {
            LOG.warn("A stored head could not be removed: {}", path(id, ".head"), e);
        }
    }

    /** A body has been opened (and counted, if it was created); the longest open of too many is closed. */
    void opened(FileBody body) {
        FileBody longest = null;
        synchronized (opened) {
            opened.add(body);
            if (open.get() > MAX_OPEN || opened.size() > 2 * MAX_OPEN) {
                longest = opened.poll();
            }
        }
        if (longest != null && longest != body) {
            longest.closeIdle();
        }
    }

    void counted() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }

    void freed(long length) {
        whenFreed.accept(cost(length));
    }

    /** A head that was found, with its body. */
    record Found(HeadFile head, FileBody body, long headBytes) {}

    /**
     * Reads all heads, and removes what is unfinished, damaged or not wanted. Bodies are not read: that is done before
     * their bytes are sent.
     *
     * @param wanted takes over what was found; false has it removed. Called by several threads
     */
    void load(Predicate<Found> wanted) {
        IntStream.range(0, 256).parallel().forEach(i -> load(HexFormat.of().toHexDigits((byte) i), wanted));
    }

    private void load(String subdirectory, Predicate<Found> wanted) {
        Path sub = directory.resolve(subdirectory);
        Map<String, Boolean> hasHead = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(sub)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (isOurs(name)) {
                    hasHead.merge(name.substring(0, 16), name.endsWith(".head"), Boolean::logicalOr);
                } else {
                    Files.deleteIfExists(file); // a head that was being written, or nothing of ours
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + sub, e);
        }
        hasHead.forEach((name, head) -> {
            long id = HexFormat.fromHexDigitsToLong(name);
            Found found = head ? read(id) : null;
            if (found == null || !wanted.test(found)) {
                unlink(id);
            }
        });
    }

    private static boolean isOurs(String name) {
        return name.length() == 21
                && (name.endsWith(".head") || name.endsWith(".body"))
                && name.substring(0, 16).chars().allMatch(HexFormat::isHexDigit);
    }

    private @Nullable Found read(long id) {
        try {
            byte[] bytes = Files.readAllBytes(path(id, ".head"));
            HeadFile head = HeadFile.decode(bytes);
            if (head == null || Files.size(bodyPath(id)) != head.bodyLength()) {
                LOG.info("A stored answer is damaged and is removed: {}", bodyPath(id));
                return null;
            }
            return new Found(head, new FileBody(this, id, head.bodyLength(), head.sums()), bytes.length);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            LOG.warn("A stored answer cannot be read and is removed: {}", bodyPath(id), e);
            return null;
        }
    }
}
