package jarrah.http;

import java.nio.ByteBuffer;

/** The body of a request that has none. */
enum NoBody implements RequestBody {
    INSTANCE;

    @Override
    public long length() {
        return 0;
    }

    @Override
    public int read(ByteBuffer target) {
        return -1;
    }

    @Override
    public byte[] readAll(int limitBytes) {
        return new byte[0];
    }

    @Override
    public Headers trailers() {
        return Headers.of();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
