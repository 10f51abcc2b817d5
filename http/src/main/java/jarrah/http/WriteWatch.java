package jarrah.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Cuts a connection whose client takes nothing of what waits for it, for longer than a deadline (found after at most
 * twice as long). A client that takes a little now and then is slow, not stalled. Owned by the event loop.
 */
final class WriteWatch {
    private final Channel channel;
    private final long patienceNanos;
    private final Deadline deadline;
    private int message;
    private long progress;
    private long pendingBytes;

    WriteWatch(Channel channel, long patienceNanos) {
        this.channel = channel;
        this.patienceNanos = patienceNanos;
        deadline = new Deadline(channel.eventLoop(), this::look);
    }

    /** To be called after each flush. */
    void flushed() {
        if (deadline.isSet()) {
            return;
        }
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending != null && !pending.isEmpty()) {
            note(pending);
            deadline.in(patienceNanos);
        }
    }

    private void look() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending == null || pending.isEmpty()) {
            return;
        }
        boolean moved = System.identityHashCode(pending.current()) != message
                || pending.currentProgress() != progress
                || pending.totalPendingWriteBytes() != pendingBytes;
        if (moved) {
            note(pending);
            deadline.in(patienceNanos);
        } else {
            channel.config().setOption(ChannelOption.SO_LINGER, 0); // what it does not take is not kept for it
            channel.close();
        }
    }

    private void note(ChannelOutboundBuffer pending) {
        message = System.identityHashCode(pending.current());
        progress = pending.currentProgress();
        pendingBytes = pending.totalPendingWriteBytes();
    }

    void stop() {
        deadline.stop();
    }
}
