package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ListingTest {
    private final StoreFixture fixture = new StoreFixture();

    private Listing list(String prefix, String delimiter, String after, int limit) {
        return fixture.store.objects().list(new Listing.Query(BUCKET, prefix, delimiter, after, limit));
    }

    private void put(String... keys) {
        for (String key : keys) {
            fixture.put(key, new byte[] {1});
        }
    }

    private static List<String> keys(Listing listing) {
        return listing.objects().stream().map(StoredObject::key).toList();
    }

    @Test
    void keysComeInTheOrderOfTheirUtf8Bytes() {
        // UTF-16 would put U+1F600 before U+FF5E.
        put("b", "a", "é", "Z", "\uff5e", "😀", "a/b", "a-b");
        assertThat(keys(list("", "", "", 100))).containsExactly("Z", "a", "a-b", "a/b", "b", "é", "\uff5e", "😀");
    }

    @Test
    void commonPrefixesAreRolledUpAndCountAsEntries() {
        put("a", "photos/1", "photos/2", "photos/2026/x", "videos/1", "z");
        Listing first = list("", "/", "", 2);
        assertThat(keys(first)).containsExactly("a");
        assertThat(first.commonPrefixes()).containsExactly("photos/");
        assertThat(first.next()).contains("photos/");
        Listing second = list("", "/", "photos/", 2);
        assertThat(second.commonPrefixes()).containsExactly("videos/");
        assertThat(keys(second)).containsExactly("z");
        assertThat(second.next()).isEmpty();
    }

    @Test
    void aPrefixWithADelimiterShowsOneLevel() {
        put("photos/1", "photos/2026/x", "photos/2026/y", "photos/2025/z", "photos");
        Listing listing = list("photos/", "/", "", 100);
        assertThat(keys(listing)).containsExactly("photos/1");
        assertThat(listing.commonPrefixes()).containsExactly("photos/2025/", "photos/2026/");
        assertThat(list("photos", "/", "", 100).commonPrefixes()).containsExactly("photos/");
    }

    @Test
    void aLimitOfZeroIsAnEmptyLastPage() {
        put("a");
        assertThat(list("", "", "", 0)).isEqualTo(new Listing(List.of(), List.of(), Optional.empty()));
    }

    @Test
    void anEmptyBucketAndAForeignPrefixAreEmpty() {
        assertThat(list("", "/", "", 10).next()).isEmpty();
        put("a");
        assertThat(keys(list("b", "", "", 10))).isEmpty();
        assertThat(keys(list("", "", "a", 10))).isEmpty();
        assertThat(keys(list("a", "", "b", 10))).isEmpty();
    }

    @Test
    void otherBucketsDoNotShowThrough() {
        fixture.store.buckets().create(StoreFixture.bucket("next-bucket"));
        fixture.put(
                new NewObject(
                        "next-bucket",
                        "foreign",
                        1,
                        Metadata.NONE,
                        StoreFixture.ACL,
                        WriteCondition.NONE,
                        BodyDigests.NONE),
                new byte[] {1});
        put("\uffff", "own");
        assertThat(keys(list("", "", "", 10))).containsExactly("own", "\uffff");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void pagesOfAnyKindAgreeWithANaiveModel(long seed) {
        var random = new Random(seed);
        var model = new TreeSet<String>((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8)));
        for (int i = 0; i < 150; i++) {
            String key = randomKey(random);
            model.add(key);
            put(key);
        }
        for (int round = 0; round < 150; round++) {
            String prefix = random.nextBoolean()
                    ? ""
                    : Character.toString(randomKey(random).codePointAt(0));
            String delimiter = List.of("", "/", "//", "a").get(random.nextInt(4));
            int limit = 1 + random.nextInt(12);
            List<String> expected = expected(model, prefix, delimiter);
            assertThat(allPages(prefix, delimiter, limit))
                    .as("prefix '%s' delimiter '%s' limit %d", prefix, delimiter, limit)
                    .isEqualTo(expected);
        }
    }

    private static String randomKey(Random random) {
        var key = new StringBuilder();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            key.append(List.of("a", "b", "/", "/", "é", "\u0000", "😀", "~").get(random.nextInt(8)));
        }
        return key.toString();
    }

    /** Keys and common prefixes as the documentation defines them. */
    private static List<String> expected(Set<String> model, String prefix, String delimiter) {
        var entries = new ArrayList<String>();
        for (String key : model) {
            if (!key.startsWith(prefix)) {
                continue;
            }
            int at = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            String entry = at < 0 ? "key " + key : "prefix " + key.substring(0, at + delimiter.length());
            if (entries.isEmpty() || !entries.getLast().equals(entry)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private List<String> allPages(String prefix, String delimiter, int limit) {
        var entries = new ArrayList<String>();
        String after = "";
        while (true) {
            Listing page = list(prefix, delimiter, after, limit);
            var sorted = new ArrayList<String>();
            page.objects().forEach(object -> sorted.add("key " + object.key()));
            page.commonPrefixes().forEach(common -> sorted.add("prefix " + common));
            sorted.sort((a, b) -> Arrays.compareUnsigned(
                    a.substring(a.indexOf(' ') + 1).getBytes(UTF_8),
                    b.substring(b.indexOf(' ') + 1).getBytes(UTF_8)));
            assertThat(sorted.size()).isLessThanOrEqualTo(limit);
            entries.addAll(sorted);
            if (page.next().isEmpty()) {
                return entries;
            }
            assertThat(sorted).hasSize(limit);
            after = page.next().get();
        }
    }

    /** Counts what is read by scans. */
    private static final class CountingKv implements Kv {
        final MemoryKv kv = new MemoryKv();
        final AtomicLong entries = new AtomicLong();

        @Override
        public byte @Nullable [] get(byte[] key) {
            return kv.get(key);
        }

        @Override
        public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
            List<Entry> found = kv.scan(from, to, limit);
            entries.addAndGet(found.size());
            return found;
        }

        @Override
        public <T extends @Nullable Object> T transact(Function<Tx, T> body) {
            return kv.transact(body);
        }

        @Override
        public void close() {
            kv.close();
        }
    }

    @Test
    void theCostIsThatOfThePageNotOfTheBucket() throws Exception {
        var kv = new CountingKv();
        var store = fixture.open(kv);
        store.buckets().create(StoreFixture.bucket(BUCKET));
        for (int folder = 0; folder < 20; folder++) {
            for (int i = 0; i < 1_000; i++) {
                store.objects()
                        .put(
                                StoreFixture.object("f%02d/%04d".formatted(folder, i), 0),
                                StoreFixture.channel(new byte[0]));
            }
        }
        kv.entries.set(0);
        Listing flat = store.objects().list(new Listing.Query(BUCKET, "", "", "f05/0500", 1_000));
        assertThat(flat.objects()).hasSize(1_000);
        assertThat(kv.entries.get()).isLessThanOrEqualTo(1_001);
        kv.entries.set(0);
        Listing folders = store.objects().list(new Listing.Query(BUCKET, "", "/", "", 1_000));
        assertThat(folders.commonPrefixes()).hasSize(20);
        assertThat(kv.entries.get()).as("jumps from prefix to prefix").isLessThan(400);
    }
}
