package jarrah.aws;

import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Requests without a socket, for tests of this room. */
final class Requests {
    static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 8773);

    private Requests() {}

    static RequestHead head(String method, String target, String... headers) {
        return new RequestHead(method, target, Headers.of(headers), LOOPBACK, LOOPBACK, false);
    }

    /** A body that comes in pieces of the given size, whose length is as declared. */
    static RequestBody body(byte[] bytes, int pieceBytes) {
        return new RequestBody() {
            private int position;

            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public int read(ByteBuffer target) {
                if (position == bytes.length) {
                    return -1;
                }
                int count = Math.min(Math.min(pieceBytes, target.remaining()), bytes.length - position);
                target.put(bytes, position, count);
                position += count;
                return count;
            }

            @Override
            public byte[] readAll(int limitBytes) {
                return Arrays.copyOf(bytes, bytes.length);
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
        };
    }
}
