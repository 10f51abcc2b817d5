package jarrah.accelerator.store;

import jarrah.accelerator.rules.Vary;
import jarrah.accelerator.site.CacheKey;
import jarrah.http.ByteRange;
import jarrah.http.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file beside a body: everything about a stored answer but its bytes. Numbers are big-endian, texts are a length of
 * four bytes and UTF-8.
 *
 * <pre>
 *     magic        4  "JRC2"; another number for another format, which is then removed and fetched anew
 *     key             texts: site, origin, path; 1 byte 0/1, then the text of the query
 *     status       4
 *     times      8+8  request, response; milliseconds of the epoch
 *     vary         4  count, then a name and a value each
 *     generations  1  0/1, then 8+8: bucket, object
 *     fields       4  count, then a name and a value each
 *     segment      1  0/1, then 8+8+8: first byte, last byte, length of the whole
 *     length       8  of the body
 *     sums         4  count, then 4 each: CRC32C of each 64 KiB of the body
 *     sum          4  CRC32C of all before: what is torn or flipped counts as nothing
 * </pre>
 */
record HeadFile(
        CacheKey key,
        StoredHead head,
        @Nullable Generations generations,
        @Nullable Segment segment,
        long bodyLength,
        int[] sums) {
    private static final int MAGIC = 0x4a524332;

    /** No field section or table of sums comes near it; more is damage. */
    private static final int MAX_COUNT = 100_000_000;

    byte[] encode() {
        var bytes = new ByteArrayOutputStream(1024 + 4 * sums.length);
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            text(out, key.site());
            text(out, key.origin());
            text(out, key.path());
            out.writeBoolean(key.query() != null);
            if (key.query() != null) {
                text(out, key.query());
            }
            out.writeInt(head.status());
            out.writeLong(head.requestMillis());
            out.writeLong(head.responseMillis());
            out.writeInt(head.vary().names().size());
            for (int i = 0; i < head.vary().names().size(); i++) {
                text(out, head.vary().names().get(i));
                text(out, head.vary().values().get(i));
            }
            out.writeBoolean(generations != null);
            if (generations != null) {
                out.writeLong(generations.bucket());
                out.writeLong(generations.object());
            }
            out.writeInt(head.headers().size());
            for (int i = 0; i < head.headers().size(); i++) {
                text(out, head.headers().name(i));
                text(out, head.headers().value(i));
            }
            out.writeBoolean(segment != null);
            if (segment != null) {
                out.writeLong(segment.range().first());
                out.writeLong(segment.range().last());
                out.writeLong(segment.total());
            }
            out.writeLong(bodyLength);
            out.writeInt(sums.length);
            for (int sum : sums) {
                out.writeInt(sum);
            }
            out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static int crc(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Reads a file; null if it is not whole. The generations have no watches. */
    static @Nullable HeadFile decode(byte[] bytes) {
        int end = bytes.length - 4;
        if (end < 8 || ByteBuffer.wrap(bytes).getInt(end) != crc(bytes, end)) {
            return null;
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes, 0, end))) {
            if (in.readInt() != MAGIC) {
                return null;
            }
            var key = new CacheKey(text(in), text(in), text(in), in.readBoolean() ? text(in) : null);
            int status = in.readInt();
            long requestMillis = in.readLong();
            long responseMillis = in.readLong();
            Vary vary = vary(in);
            Generations generations = in.readBoolean() ? Generations.unwatched(in.readLong(), in.readLong()) : null;
            Headers headers = Headers.of();
            for (int n = count(in); n > 0; n--) {
                headers.add(text(in), text(in));
            }
            Segment segment =
                    in.readBoolean() ? new Segment(new ByteRange(in.readLong(), in.readLong()), in.readLong()) : null;
            long length = in.readLong();
            int[] sums = new int[count(in)];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = in.readInt();
            }
            long chunks = (length + FileBody.CHUNK_BYTES - 1) / FileBody.CHUNK_BYTES;
            return chunks == sums.length
                    ? new HeadFile(
                            key,
                            new StoredHead(status, headers, requestMillis, responseMillis, vary),
                            generations,
                            segment,
                            length,
                            sums)
                    : null;
        } catch (IOException | IllegalArgumentException e) {
            return null; // the sum is right and the text is not: another program's file
        }
    }

    private static Vary vary(DataInputStream in) throws IOException {
        var names = new ArrayList<String>();
        var values = new ArrayList<String>();
        for (int n = count(in); n > 0; n--) {
            names.add(text(in));
            values.add(text(in));
        }
        return names.isEmpty() ? Vary.NONE : new Vary(List.copyOf(names), List.copyOf(values));
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = in.readNBytes(count(in));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MAX_COUNT) {
            throw new IOException("a count of " + count);
        }
        return count;
    }
}
