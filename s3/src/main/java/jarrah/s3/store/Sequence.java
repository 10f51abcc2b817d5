package jarrah.s3.store;

import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The counter that numbers every change of the object store; ids and generations come from it. */
final class Sequence {
    private Sequence() {}

    /** The next number, 1 first; taken back with the transaction. */
    static long next(Kv.Tx tx) {
        long next = last(tx.get(Keys.counter())) + 1;
        tx.put(Keys.counter(), ByteBuffer.allocate(8).putLong(next).array());
        return next;
    }

    /**
     * The number that was given last; 0 if none was.
     *
     * @param counter the record at {@link Keys#counter}; null if there is none
     */
    static long last(byte @Nullable [] counter) {
        return counter == null ? 0 : ByteBuffer.wrap(counter).getLong();
    }
}
