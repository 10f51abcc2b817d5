package jarrah.ec2.fabric;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that a fabric may have made, in a file of lines:
 *
 * <pre>
 * jarrah-fabric 1
 * pool 198.18.7.0/24
 * link VPC NUMBER          for each VPC
 * PART ...                 for each part, see {@link Part#line}
 * </pre>
 *
 * <p>A part is written and synced here before it is made, and struck out after it is gone: whatever instant a crash
 * picks, what is in the kernel is named here.
 *
 * @param pool the public pool; empty before one was chosen
 * @param links the number of each VPC's link
 */
record Ledger(Optional<String> pool, Map<String, Integer> links, Set<Part> parts) {
    static final Ledger EMPTY = new Ledger(Optional.empty(), Map.of(), Set.of());
    private static final String HEAD = "jarrah-fabric 1";

    /** Reads the file; {@link #EMPTY} if there is none. */
    static Ledger read(Path file) throws IOException {
        Optional<String> pool = Optional.empty();
        var links = new TreeMap<String, Integer>();
        var parts = new LinkedHashSet<Part>();
        try {
            var lines = Files.readAllLines(file);
            if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
                throw new IOException(file + " is not a fabric's ledger of this version");
            }
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "pool" -> pool = Optional.of(words[1]);
                    case "link" -> links.put(words[1], Integer.valueOf(words[2]));
                    default -> parts.add(Part.parse(line));
                }
            }
        } catch (NoSuchFileException e) {
            return EMPTY;
        }
        return new Ledger(pool, links, parts);
    }

    /** Writes the file anew, synced with its name before this returns. */
    void write(Path file) throws IOException {
        var text = new StringBuilder(HEAD).append('\n');
        pool.ifPresent(value -> text.append("pool ").append(value).append('\n'));
        links.forEach((vpc, number) ->
                text.append("link ").append(vpc).append(' ').append(number).append('\n'));
        parts.forEach(part -> text.append(part.line()).append('\n'));
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try (var channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** The same with a link for each of these VPCs and for no other: known ones keep theirs. */
    Ledger withLinks(Iterable<String> vpcIds) {
        var kept = new LinkedHashMap<String, Integer>();
        for (String id : vpcIds) {
            if (links.containsKey(id)) {
                kept.put(id, links.get(id));
            }
        }
        int next = 1;
        for (String id : vpcIds) {
            if (!kept.containsKey(id)) {
                // A number of a VPC that is going is not given out again before its parts are gone.
                while (kept.containsValue(next) || links.containsValue(next)) {
                    next++;
                }
                kept.put(id, next);
            }
        }
        return new Ledger(pool, kept, parts);
    }

    Ledger withPool(String value) {
        return new Ledger(Optional.of(value), links, parts);
    }

    Ledger withParts(Set<Part> value) {
        return new Ledger(pool, links, value);
    }
}
