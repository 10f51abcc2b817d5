package jarrah.accelerator.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One value of a YAML file that knows where it stands: a scalar, a list or a map. Immutable.
 *
 * <p>A reader of a section first names its keys with {@link #only}, then asks for each with {@link #get}; the accessors
 * ({@link #string()}, {@link #duration()}, {@link #bytes()} ...) check the type. Every mistake is a
 * {@link ConfigException} of one line, such as {@code jarrah.yaml:4:7: unknown key `grase`; allowed: grace, keep, ttl;
 * did you mean `grace`?}
 */
public final class ConfigNode {
    /** The largest file that is read, bytes: a configuration of ten thousand sites is smaller. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    private final String where;
    private final Object value;
    private final String keyWhere;

    /** @param value a {@link Scalar}, a list of nodes, or a map of nodes */
    ConfigNode(String where, Object value) {
        this(where, value, where);
    }

    private ConfigNode(String where, Object value, String keyWhere) {
        this.where = where;
        this.value = value;
        this.keyWhere = keyWhere;
    }

    /** This value as that of a key which stands there. */
    ConfigNode underKey(String place) {
        return new ConfigNode(where, value, place);
    }

    /** A scalar: plain ones can be numbers and booleans, quoted ones are text. */
    record Scalar(String text, boolean plain) {
        boolean absent() {
            return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }
    }

    /** Reads a whole file; UTF-8, at most 4 MiB. An empty file is an empty map. */
    public static ConfigNode read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(file.toString(), "is larger than " + MAX_BYTES + " bytes");
            }
            return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), "no such file");
        } catch (CharacterCodingException e) {
            throw new ConfigException(file.toString(), "is not UTF-8");
        } catch (IOException e) {
            throw new ConfigException(file.toString(), "cannot be read: " + e.getMessage());
        }
    }

    /**
     * Parses one YAML document.
     *
     * @param name what messages call the text, e.g. the file's path
     */
    public static ConfigNode parse(String name, String text) {
        return YamlTree.parse(name, text);
    }

    /**
     * A scalar from elsewhere than a file, such as a command line option or an environment variable, with the same
     * typed access.
     *
     * @param source what messages call it, e.g. {@code --api-port}
     */
    public static ConfigNode value(String source, String text) {
        return new ConfigNode(source, new Scalar(text, true));
    }

    /** Where this value begins: {@code FILE:LINE:COLUMN}, both counted from 1. */
    public String where() {
        return where;
    }

    /** An error about this value, for checks of the caller's own. */
    public ConfigException error(String message) {
        return new ConfigException(where, message);
    }

    /** Refuses, in a map, every key but these; returns this. A value left empty counts as an empty map. */
    public ConfigNode only(String... allowed) {
        var known = new TreeSet<>(List.of(allowed));
        map().forEach((key, node) -> {
            if (!known.contains(key)) {
                throw new ConfigException(
                        node.keyWhere,
                        "unknown key `" + key + "`; allowed: " + String.join(", ", known) + guess(key, known));
            }
        });
        return this;
    }

    /** The value of a key of this map; null if the key is missing or its value left empty. */
    public @Nullable ConfigNode get(String key) {
        ConfigNode node = map().get(key);
        return node == null || node.absent() ? null : node;
    }

    /** The value of a key of this map, which must be there. */
    public ConfigNode require(String key) {
        ConfigNode node = get(key);
        if (node == null) {
            throw error("`" + key + "` is missing");
        }
        return node;
    }

    /** The entries of a map, in the file's order; empty if the value was left empty. */
    @SuppressWarnings("unchecked")
    public Map<String, ConfigNode> map() {
        if (absent()) {
            return Map.of();
        }
        if (value instanceof Map<?, ?>) {
            return (Map<String, ConfigNode>) value;
        }
        throw expected("a map of keys and values");
    }

    /** The elements of a list; empty if the value was left empty. */
    @SuppressWarnings("unchecked")
    public List<ConfigNode> list() {
        if (absent()) {
            return List.of();
        }
        if (value instanceof List<?>) {
            return (List<ConfigNode>) value;
        }
        throw expected("a list");
    }

    /** The elements of a list, or this alone if it is no list. */
    public List<ConfigNode> oneOrMany() {
        return value instanceof List<?> || absent() ? list() : List.of(this);
    }

    public boolean isMap() {
        return value instanceof Map<?, ?>;
    }

    public boolean isList() {
        return value instanceof List<?>;
    }

    /** Text; numbers may stand without quotes. */
    public String string() {
        return scalar("text").text();
    }

    /** One of these words. */
    public String oneOf(String... words) {
        String text = scalar("one of " + String.join(", ", words)).text();
        if (!List.of(words).contains(text)) {
            throw error(
                    "`" + text + "` is not allowed; allowed: " + String.join(", ", words) + guess(text, Set.of(words)));
        }
        return text;
    }

    /** {@code true} or {@code false}. */
    public boolean bool() {
        return switch (plain("true or false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw expected("true or false");
        };
    }

    /** A decimal whole number within bounds, both inclusive. */
    public int integer(int min, int max) {
        String text = plain("a whole number");
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max && !text.startsWith("+")) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw expected("a whole number from " + min + " to " + max);
    }

    /** A length of time: {@code 500ms}, {@code 30s}, {@code 10m}, {@code 1h}, {@code 7d}; {@code 0} needs no unit. */
    public Duration duration() {
        String wanted = "a duration such as 500ms, 30s, 10m, 1h or 7d";
        String text = plain(wanted);
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        int unit = unitAt(text);
        long millis = switch (text.substring(unit)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> throw expected(wanted);
        };
        return Duration.ofMillis(scaled(text.substring(0, unit), millis, wanted));
    }

    /** A number of bytes: {@code 4096}, {@code 64KiB}, {@code 1.5GiB}, {@code 10MB}. */
    public long bytes() {
        String wanted = "a size such as 4096, 64KiB, 512MiB, 10GB or 1TiB";
        String text = plain(wanted);
        int unit = unitAt(text);
        long factor = switch (text.substring(unit)) {
            case "", "B" -> 1;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            case "kB", "KB" -> 1_000;
            case "MB" -> 1_000_000;
            case "GB" -> 1_000_000_000;
            case "TB" -> 1_000_000_000_000L;
            default -> throw expected(wanted);
        };
        return scaled(text.substring(0, unit), factor, wanted);
    }

    private static int unitAt(String text) {
        int at = 0;
        while (at < text.length() && (Character.digit(text.charAt(at), 10) >= 0 || text.charAt(at) == '.')) {
            at++;
        }
        return at;
    }

    private long scaled(String number, long factor, String wanted) {
        try {
            if (!number.isEmpty() && number.length() <= 20) {
                return new BigDecimal(number)
                        .multiply(BigDecimal.valueOf(factor))
                        .longValueExact();
            }
        } catch (ArithmeticException e) {
            // neither "1." nor a fraction of a byte nor 10^19: told below
        } catch (NumberFormatException e) {
            // as above
        }
        throw expected(wanted);
    }

    private boolean absent() {
        return value instanceof Scalar scalar && scalar.absent();
    }

    private Scalar scalar(String wanted) {
        if (value instanceof Scalar scalar && !scalar.absent()) {
            return scalar;
        }
        throw expected(wanted);
    }

    private String plain(String wanted) {
        Scalar scalar = scalar(wanted);
        if (!scalar.plain()) {
            throw error("expected " + wanted + " without quotes, found \"" + scalar.text() + "\"");
        }
        return scalar.text().strip();
    }

    private ConfigException expected(String wanted) {
        String found = switch (value) {
            case Scalar scalar when scalar.absent() -> "nothing";
            case Scalar scalar -> "`" + scalar.text().lines().findFirst().orElse("") + "`";
            case List<?> list -> "a list of " + list.size();
            default -> "a map";
        };
        return error("expected " + wanted + ", found " + found);
    }

    private static String guess(String word, Set<String> known) {
        return known.stream()
                .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
                .min((a, b) -> Integer.compare(distance(word, a), distance(word, b)))
                .map(candidate -> "; did you mean `" + candidate + "`?")
                .orElse("");
    }

    /** Levenshtein's distance: single letters to insert, drop or change. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
