package jarrah.accelerator.store;

import jarrah.accelerator.rules.CachePolicy;
import jarrah.accelerator.rules.Vary;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.HeaderRules;
import jarrah.accelerator.site.Limits;
import jarrah.accelerator.site.PathRules;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.Body;
import jarrah.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes entries for the tests of stores. */
final class StoredEntries {
    static final Site SITE = new Site(
            "s",
            List.of(),
            "/",
            new SiteOrigin.Bucket("b", "", SiteOrigin.Identity.ANONYMOUS),
            PathRules.NONE,
            AccessRules.OPEN,
            Set.of(),
            CachePolicy.DEFAULT,
            HeaderRules.NONE,
            false,
            Limits.OFF);

    private StoredEntries() {}

    static CacheKey key(String path) {
        return new CacheKey(SITE.name(), SITE.origin().id(), path, null);
    }

    static byte[] body(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static StoredHead head(Vary vary) {
        return new StoredHead(200, Headers.of("Content-Type", "text/plain", "X-Ü", "ü"), 1, 2, vary);
    }

    /** Stores that body under that path; null if there was no room for it. */
    static @Nullable Entry tryStore(CacheStore store, String path, byte[] body) {
        Draft draft = store.draft(body.length);
        try {
            draft.append(ByteBuffer.wrap(body));
            Content content = draft.finish();
            var entry = new Entry(key(path), head(Vary.NONE), Objects.requireNonNull(content), null, null);
            return store.put(entry) ? entry : null;
        } catch (IOException e) {
            draft.fail(e);
            return null;
        }
    }

    /** Stores that body under that path. */
    static Entry store(CacheStore store, String path, byte[] body) {
        return Objects.requireNonNull(tryStore(store, path, body));
    }

    /** The whole body as an answer would have it. */
    static byte[] read(CacheStore store, Entry entry) throws IOException {
        store.prepare(entry, 0, entry.content().length());
        Body body = entry.content().tryBody(0, entry.content().length());
        return switch (body) {
            case Body.Shared shared -> {
                byte[] copy = new byte[shared.size()];
                shared.bytes().view().get(shared.offset(), copy);
                Content.letGo(shared);
                yield copy;
            }
            case Body.FilePart(var channel, var position, var length, var released) -> {
                ByteBuffer copy = ByteBuffer.allocate((int) length);
                while (copy.hasRemaining()) {
                    channel.read(copy, position + copy.position());
                }
                released.run();
                yield copy.array();
            }
            case Body.Bytes(var bytes) -> bytes;
            case Body.LengthOnly _ -> throw new AssertionError("no body");
            case null -> throw new AssertionError("not ready");
        };
    }
}
