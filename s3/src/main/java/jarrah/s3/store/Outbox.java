package jarrah.s3.store;

import java.time.Instant;
import java.util.List;

/**
 * Letters that must reach somebody, kept until they are delivered; in the order in which they were written.
 *
 * <pre>
 * record  1, addressee, written (ms), body
 * </pre>
 */
public final class Outbox {
    private final Backing backing;

    Outbox(Backing backing) {
        this.backing = backing;
    }

    /**
     * A letter.
     *
     * @param number ascending
     * @param to whom, a name that the reader knows
     * @param body at most 60,000 bytes
     */
    public record Letter(long number, String to, Instant written, byte[] body) {}

    /** Keeps letters; when this returns they are durable. */
    public void add(List<String> to, byte[] body) {
        Instant now = backing.now();
        backing.transact(tx -> {
            for (String one : to) {
                byte[] record = new RecordWriter(1)
                        .text(one)
                        .number(now.toEpochMilli())
                        .blob(body)
                        .toBytes();
                tx.put(Keys.letter(Sequence.next(tx)), record);
            }
            return true;
        });
    }

    /**
     * Letters that wait, the oldest first.
     *
     * @param after only numbers above it; 0 for all
     * @param limit 1 to 1,000
     */
    public List<Letter> list(long after, int limit) {
        return backing.scan(Keys.letter(after + 1), Keys.behind(Keys.all('q')), limit).stream()
                .map(entry -> {
                    var in = new RecordReader(entry.value(), 1);
                    return new Letter(
                            Keys.letterNumber(entry.key()), in.text(), Instant.ofEpochMilli(in.number()), in.blob());
                })
                .toList();
    }

    /** Takes a letter out; harmless twice. */
    public void remove(long number) {
        backing.transact(tx -> {
            tx.delete(Keys.letter(number));
            return true;
        });
    }
}
