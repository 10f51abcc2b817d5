package jarrah.accelerator.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel that several answers send from at once; closed when the last lets go. */
final class OpenFile {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFile.class);

    private final FileChannel channel;
    private final Runnable whenClosed;
    private final AtomicInteger holders = new AtomicInteger(1);

    /** @param whenClosed runs after the channel is closed */
    OpenFile(FileChannel channel, Runnable whenClosed) {
        this.channel = channel;
        this.whenClosed = whenClosed;
    }

    FileChannel channel() {
        return channel;
    }

    /** Takes one more hold; false if it is being closed. */
    boolean tryRetain() {
        for (int now = holders.get(); now > 0; now = holders.get()) {
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Lets go. Closing gives back the blocks of a deleted file, which takes time: never on the caller's thread. */
    void release() {
        if (holders.decrementAndGet() == 0) {
            Thread.ofVirtual().name("close-body").start(this::close);
        }
    }

    /** Lets go and closes here and now if nobody else holds it, for a caller who may wait. */
    void releaseAndWait() {
        if (holders.decrementAndGet() == 0) {
            close();
        }
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("A stored body could not be closed", e);
        } finally {
            whenClosed.run();
        }
    }
}
