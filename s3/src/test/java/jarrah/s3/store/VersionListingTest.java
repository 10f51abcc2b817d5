package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listings of versions: complete and in order, however they are cut into pages. */
final class VersionListingTest {
    private final StoreFixture fixture = new StoreFixture();
    private final Objects objects = fixture.store.objects();

    /** What is listed of a version or common prefix. */
    private static String shown(VersionListing.Listed listed) {
        StoredObject version = listed.version();
        return version.key() + "@" + version.version().number() + (version.deleteMarker() ? "M" : "V")
                + (listed.isLatest() ? "!" : "");
    }

    private List<String> pages(String prefix, String delimiter, int limit) {
        var shown = new ArrayList<String>();
        String key = "";
        Optional<VersionId> version = Optional.empty();
        while (true) {
            VersionListing page =
                    objects.listVersions(new VersionListing.Query(BUCKET, prefix, delimiter, key, version, limit));
            assertThat(page.versions().size() + page.commonPrefixes().size()).isLessThanOrEqualTo(limit);
            page.versions().forEach(listed -> shown.add(shown(listed)));
            shown.addAll(page.commonPrefixes());
            if (page.nextKey().isEmpty()) {
                return shown;
            }
            key = page.nextKey().get();
            version = page.nextVersion().map(id -> java.util.Objects.requireNonNull(VersionId.parse(id.text())));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void pagesOfAnyLengthHoldTheSame(long seed) {
        var random = new Random(seed);
        List<String> keys =
                List.of("a", "a\u0000", "a\u0000b", "a\u0000\u0000", "a/", "a/b", "a/b/c", "b", "\u00e9", "z\u0000/");
        fixture.put("a", new byte[] {1});
        fixture.put("b", new byte[] {1});
        for (int i = 0; i < 60; i++) {
            String key = keys.get(random.nextInt(keys.size()));
            fixture.store
                    .buckets()
                    .setVersioning(BUCKET, random.nextInt(4) == 0 ? Versioning.SUSPENDED : Versioning.ENABLED);
            if (random.nextInt(3) == 0) {
                objects.delete(BUCKET, key, WriteCondition.NONE);
            } else {
                fixture.put(key, new byte[random.nextInt(3)]);
            }
        }
        for (String delimiter : List.of("", "/", "\u0000")) {
            for (String prefix : List.of("", "a", "a\u0000", "a/", "nothing")) {
                List<String> whole = pages(prefix, delimiter, 1_000);
                for (int limit = 1; limit < 8; limit++) {
                    assertThat(pages(prefix, delimiter, limit))
                            .as("prefix '%s', delimiter '%s', pages of %d", prefix, delimiter, limit)
                            .containsExactlyInAnyOrderElementsOf(whole);
                }
            }
        }
        assertThat(pages("", "", 1_000)).hasSizeGreaterThan(15);
    }

    @Test
    void eachKeyHasOneLatestVersion() {
        fixture.store.buckets().setVersioning(BUCKET, Versioning.ENABLED);
        for (int i = 0; i < 5; i++) {
            fixture.put("a", new byte[] {1});
            fixture.put("b", new byte[] {1});
        }
        objects.delete(BUCKET, "b", WriteCondition.NONE);
        for (int limit = 1; limit < 12; limit++) {
            List<String> latest =
                    pages("", "", limit).stream().filter(it -> it.endsWith("!")).toList();
            assertThat(latest).hasSize(2);
            assertThat(latest.getFirst()).matches("a@\\d+V!");
            assertThat(latest.getLast()).matches("b@\\d+M!");
        }
    }

    @Test
    void aDelimiterGathersKeysWhoseObjectsAreDeletedToo() {
        fixture.store.buckets().setVersioning(BUCKET, Versioning.ENABLED);
        for (String key : List.of("dir/a", "dir/b", "gone/a", "top")) {
            fixture.put(key, new byte[] {1});
        }
        objects.delete(BUCKET, "gone/a", WriteCondition.NONE);
        VersionListing page =
                objects.listVersions(new VersionListing.Query(BUCKET, "", "/", "", Optional.empty(), 1_000));
        assertThat(page.commonPrefixes()).containsExactly("dir/", "gone/");
        assertThat(page.versions()).hasSize(1);
        assertThat(objects.list(new Listing.Query(BUCKET, "", "/", "", 1_000)).commonPrefixes())
                .containsExactly("dir/");
    }

    @Test
    void manyVersionsOfManyKeysComeInOrder() {
        fixture.store.buckets().setVersioning(BUCKET, Versioning.ENABLED);
        var random = new Random(7);
        for (int i = 0; i < 300; i++) {
            fixture.put("k" + random.nextInt(20), new byte[0]);
        }
        List<String> listed = pages("", "", 7);
        assertThat(listed).hasSize(300);
        var keys = new ArrayList<String>();
        long former = Long.MAX_VALUE;
        for (String one : listed) {
            String key = one.substring(0, one.indexOf('@'));
            long number = Long.parseLong(one.substring(one.indexOf('@') + 1, one.indexOf('V')));
            if (keys.isEmpty() || !keys.getLast().equals(key)) {
                keys.add(key);
                former = Long.MAX_VALUE;
            }
            assertThat(number).isLessThan(former);
            former = number;
        }
        assertThat(keys).containsExactlyElementsOf(new TreeSet<>(keys));
    }
}
