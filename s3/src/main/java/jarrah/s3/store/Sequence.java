package jarrah.s3.store;

import jarrah.storage.Kv;
import java.nio.ByteBuffer;

/** The counter that numbers every change of the object store; ids and generations come from it. */
final class Sequence {
    private Sequence() {}

    /** The next number, 1 first; taken back with the transaction. */
    static long next(Kv.Tx tx) {
        byte[] last = tx.get(Keys.counter());
        long next = last == null ? 1 : ByteBuffer.wrap(last).getLong() + 1;
        tx.put(Keys.counter(), ByteBuffer.allocate(8).putLong(next).array());
        return next;
    }
}
