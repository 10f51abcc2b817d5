package jarrah.aws;

import jarrah.http.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A body without coding, tied to the signature by one digest or not at all. */
final class PlainBody extends SignedBody {
    private final RequestBody body;
    private final @Nullable String sha256Hex;
    private final @Nullable MessageDigest digest;
    private boolean ended;

    PlainBody(RequestBody body, @Nullable String sha256Hex) {
        this.body = body;
        this.sha256Hex = sha256Hex;
        this.digest = sha256Hex == null ? null : Hashing.sha256();
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public @Nullable String trailer(String name) {
        return null;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (ended) {
            return -1;
        }
        int start = target.position();
        int count = readWire(body, target);
        if (count < 0) {
            ended = true;
            check();
        } else if (digest != null) {
            digest.update(target.duplicate().flip().position(start));
        }
        return count;
    }

    private void check() {
        if (digest != null && sha256Hex != null) {
            String computed = Hashing.HEX.formatHex(digest.digest());
            if (!Hashing.same(computed, sha256Hex)) {
                throw new BodyException.Sha256Mismatch(sha256Hex, computed);
            }
        }
    }
}
