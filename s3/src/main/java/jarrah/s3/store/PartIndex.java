package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which parts an object is made of, and where each begins; written once, when the upload is completed.
 *
 * <pre>
 * 1, then of each run of parts that follow one another and are of one size:
 *   first part number, number of parts, bytes of each
 * </pre>
 *
 * <p>The usual upload (parts of one size, a shorter last one) is two runs. The worst, ten thousand parts all of
 * different sizes, takes about 80 KB: it is cut into pages that fit into a value, three at most, so a completion is one
 * small transaction whatever the number of parts.
 */
final class PartIndex {
    private static final int PAGE_BYTES = 32 * 1024;
    static final int MAX_PAGES = 4;

    /** Parts that follow one another, all of one size. */
    private record Run(int firstPart, int count, long size, int index, long offset) {
        long end() {
            return offset + count * size;
        }
    }

    /** A part's place: its number, and where it begins and how long it is. */
    record Place(int partNumber, long offset, long length) {}

    private final List<Run> runs = new ArrayList<>();

    /** Appends a part, in ascending order. */
    void add(int partNumber, long size) {
        Run last = runs.isEmpty() ? null : runs.getLast();
        if (last != null && last.size == size && last.firstPart + last.count == partNumber) {
            runs.set(runs.size() - 1, new Run(last.firstPart, last.count + 1, size, last.index, last.offset));
        } else if (last == null) {
            runs.add(new Run(partNumber, 1, size, 0, 0));
        } else {
            runs.add(new Run(partNumber, 1, size, last.index + last.count, last.end()));
        }
    }

    int count() {
        return runs.isEmpty() ? 0 : runs.getLast().index + runs.getLast().count;
    }

    long size() {
        return runs.isEmpty() ? 0 : runs.getLast().end();
    }

    /** Whether the object has the part of that number. */
    boolean has(int partNumber) {
        return runs.stream().anyMatch(run -> partNumber >= run.firstPart && partNumber < run.firstPart + run.count);
    }

    /** The part at an offset below the size. */
    Place at(long offset) {
        for (Run run : runs) {
            if (offset < run.end()) {
                int within = (int) ((offset - run.offset) / run.size);
                return new Place(run.firstPart + within, run.offset + within * run.size, run.size);
            }
        }
        throw new IllegalArgumentException("%,d is behind the last part".formatted(offset));
    }

    /** The n-th part, 1 for the first; null if there are not so many. */
    @Nullable
    Place part(int position) {
        for (Run run : runs) {
            int within = position - 1 - run.index;
            if (within >= 0 && within < run.count) {
                return new Place(run.firstPart + within, run.offset + within * run.size, run.size);
            }
        }
        return null;
    }

    void write(Kv.Tx tx, String uploadId) {
        var out = new RecordWriter(1);
        runs.forEach(run -> out.number(run.firstPart).number(run.count).number(run.size));
        byte[] bytes = out.toBytes();
        for (int page = 0; page * PAGE_BYTES < bytes.length; page++) {
            tx.put(
                    Keys.index(uploadId, page),
                    Arrays.copyOfRange(bytes, page * PAGE_BYTES, Math.min(bytes.length, (page + 1) * PAGE_BYTES)));
        }
    }

    /** Null if there is none any more. */
    static @Nullable PartIndex read(Function<byte[], byte @Nullable []> kv, String uploadId) {
        var all = new ByteArrayOutputStream();
        for (int page = 0; page < MAX_PAGES; page++) {
            byte[] bytes = kv.apply(Keys.index(uploadId, page));
            if (bytes == null) {
                break;
            }
            all.writeBytes(bytes);
            if (bytes.length < PAGE_BYTES) {
                break;
            }
        }
        if (all.size() == 0) {
            return null;
        }
        var in = new RecordReader(all.toByteArray(), 1);
        var index = new PartIndex();
        while (!in.atEnd()) {
            int first = in.count();
            int count = in.count();
            index.addRun(first, count, in.number());
        }
        return index;
    }

    private void addRun(int firstPart, int count, long size) {
        runs.add(new Run(firstPart, count, size, count(), size()));
    }

    /** Takes the pages away. */
    static void delete(Kv.Tx tx, String uploadId) {
        for (int page = 0; page < MAX_PAGES; page++) {
            tx.delete(Keys.index(uploadId, page));
        }
    }
}
