package jarrah.accelerator.access;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials in a file that somebody else changes. A request sees them as the file was half a second ago or later; so a
 * credential that was taken out lets nobody in a second afterwards. While the file cannot be read or is not as it must be,
 * nobody is let in by it. Safe for many threads; nothing runs in the background.
 *
 * @param <T> what the file's text means; immutable as far as its credentials go
 */
public final class CredentialFile<T> {
    /** Larger is not a list that people keep: room for some ten thousand credentials. */
    public static final int MAX_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(CredentialFile.class);
    private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();

    private final Path file;
    private final Reader<T> reader;
    private final AtomicReference<Loaded<T>> loaded;

    /** Gives the file's text its meaning. */
    public interface Reader<T> {
        /**
         * Reads; an empty text means that nobody is let in.
         *
         * @throws IllegalArgumentException with one line that names the line and never a secret
         */
        T read(String text);
    }

    /**
     * @param content digest of the file's text, so that the text need not be kept; null if the file could not be used
     * @param lookedNanos when the text was begun to be read
     */
    private record Loaded<T>(T value, @Nullable SecretDigest content, long lookedNanos) {}

    private CredentialFile(Path file, Reader<T> reader, Loaded<T> first) {
        this.file = file;
        this.reader = reader;
        this.loaded = new AtomicReference<>(first);
    }

    /**
     * Reads the file for the first time.
     *
     * @throws IllegalArgumentException with one line of reason if it cannot be used
     */
    public static <T> CredentialFile<T> open(Path file, Reader<T> reader) {
        long looked = System.nanoTime();
        try {
            String text = text(file);
            return new CredentialFile<>(file, reader, new Loaded<>(reader.read(text), SecretDigest.of(text), looked));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** The file's credentials; null if it has to be looked at first, for which {@link #current} waits. */
    public @Nullable T ifRecent() {
        Loaded<T> there = loaded.get();
        return System.nanoTime() - there.lookedNanos < LOOK_NANOS ? there.value : null;
    }

    /** The file's credentials; reads it if that was not done lately. */
    public T current() {
        T recent = ifRecent();
        if (recent != null) {
            return recent;
        }
        Loaded<T> there = loaded.get();
        Loaded<T> next = look(there);
        // Of two that read at the same time, the one that began later has seen what is newer.
        return loaded.updateAndGet(now -> now.lookedNanos - next.lookedNanos > 0 ? now : next).value;
    }

    private Loaded<T> look(Loaded<T> there) {
        long looked = System.nanoTime();
        try {
            String text = text(file);
            SecretDigest content = SecretDigest.of(text);
            return Objects.equals(content, there.content)
                    ? new Loaded<>(there.value, content, looked)
                    : new Loaded<>(reader.read(text), content, looked);
        } catch (IOException e) {
            return unusable(there, looked, reason(e));
        } catch (IllegalArgumentException e) {
            return unusable(there, looked, String.valueOf(e.getMessage()));
        }
    }

    private Loaded<T> unusable(Loaded<T> there, long looked, String why) {
        if (there.content != null) {
            LOG.warn("{} lets nobody in until it can be used again: {}", file, why);
        }
        return new Loaded<>(reader.read(""), null, looked);
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it is larger than " + MAX_BYTES + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes))
                    .toString();
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "no such file";
            case java.nio.file.AccessDeniedException _ -> "no permission";
            case CharacterCodingException _ -> "it is not UTF-8";
            default -> String.valueOf(e.getMessage());
        };
    }
}
