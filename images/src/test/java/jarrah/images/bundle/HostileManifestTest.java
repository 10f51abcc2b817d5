package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests that break a rule are refused with their fault named; none is read in two ways. */
class HostileManifestTest {
    private static final String GOOD =
            new String(Fixtures.read("worked-example/example.manifest.xml"), StandardCharsets.UTF_8);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(String document, String message) {
        assertThatThrownBy(() -> Manifest.parse(bytes(document)))
                .isInstanceOf(ImageException.MalformedManifest.class)
                .hasMessageContaining(message);
    }

    private static String image() {
        return GOOD.substring(GOOD.indexOf("<image>"), GOOD.indexOf("</image>") + 8);
    }

    @Test
    void aSecondImageIsRefusedWhereverItStands() {
        String other = image().replace("<size>10000<", "<size>99999<");
        for (String document : List.of(
                GOOD.replace("<image>", other + "<image>"),
                GOOD.replace("</image>", "</image>" + other),
                GOOD.replace("<bundler>", "<extra>" + other + "</extra><bundler>"),
                GOOD.replace("</image>", "</image>" + other.replace("<image>", "<image a='b'>")),
                GOOD.replace("</image>", "</image><image/>"),
                GOOD.replace("</image>", "</image><image\n>" + other.substring(7)))) {
            assertThatThrownBy(() -> Manifest.parse(bytes(document)))
                    .isInstanceOf(ImageException.MalformedManifest.class);
            assertThatThrownBy(() -> ManifestSignature.signer(bytes(document), List.of(Fixtures.USER)))
                    .isInstanceOf(ImageException.MalformedManifest.class);
        }
    }

    @Test
    void whatHidesMarkupIsRefused() {
        String hidden = "has a DTD, a comment or a CDATA section";
        refused("<!DOCTYPE manifest [<!ENTITY a 'b'>]>" + GOOD, hidden);
        refused(GOOD.replace("<image>", "<!-- <image> --><image>"), hidden);
        refused(GOOD.replace("<name>example<", "<name><![CDATA[example]]><"), hidden);
        refused(GOOD.replace("<image>", "<?php ?><image>"), "has a processing instruction");
        refused(GOOD.replace("<name>example<", "<name>&other;<"), "XML");
    }

    @Test
    void onlyUtf8IsRead() {
        assertThatThrownBy(() -> Manifest.parse(GOOD.getBytes(StandardCharsets.UTF_16)))
                .isInstanceOf(ImageException.MalformedManifest.class);
        refused("", "XML");
        assertThatThrownBy(() -> Manifest.parse(new byte[Manifest.MAX_BYTES + 1]))
                .hasMessageContaining("is longer than");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "<filename>example.part.1<|<filename>../example.part.1<|no plain file name",
                "<filename>example.part.1<|<filename>a/b<|no plain file name",
                "<filename>example.part.1<|<filename>..<|no plain file name",
                "<filename>example.part.1<|<filename><|is empty",
                "<filename>example.part.1<|<filename>example.part.0<|twice",
                "<name>example</name><user>|<name>a/b</name><user>|no plain file name",
                "part index='1'|part index='3'|number its parts from 0 to 2",
                "part index='1'|part index='0'|twice",
                "part index='1'|part index='-1'|part index",
                "part index='1'|part|without index",
                "count='3'|count='4'|counts 4 parts and lists 3",
                "count='3'|count='99999999999999999999'|count",
                "algorithm='SHA1'>d32|algorithm='MD5'>d32|not SHA1",
                "algorithm='AES-128-CBC'>6af|algorithm='AES-256-CBC'>6af|not AES-128-CBC",
                "<size>10000<|<size>-1<|size",
                "<size>10000<|<size>99999999999999999999<|size",
                "<bundled_size>10192<|<bundled_size>10193<|bundled_size",
                "<size>10000<|<size>1</size><size>10000<|more than one <size>",
                "<type>machine</type>||no <type>",
                "<type>machine<|<type>floppy<|unknown image type",
                "<version>2007-10-10<|<version>2008-01-01<|unknown version",
                "<manifest>|<other>|XML",
                "<kernel_id>aki-9ba0f1de<|<kernel_id>a b<|kernel_id"
            })
    void eachRuleHasItsMessage(String from, String to, String message) {
        assertThat(GOOD).contains(from);
        refused(GOOD.replace(from, to == null ? "" : to), message);
    }

    @Test
    void deepAndWideDocumentsAreBounded() {
        refused(GOOD.replace("<user>", "<a>".repeat(20) + "</a>".repeat(20) + "<user>"), "too many elements");
        refused(GOOD.replace("<user>", "<a></a>".repeat(60_000) + "<user>"), "too many elements");
        refused("<a>".repeat(100_000), "");
    }

    @Test
    void tenThousandPartsAreRead() {
        var parts = new StringBuilder("<parts count='10240'>");
        for (int i = 0; i < 10_240; i++) {
            parts.append("<part index='").append(i).append("'><filename>a-rather-long-image-name.part.");
            parts.append(i)
                    .append("</filename><digest algorithm='SHA1'>")
                    .append("ab".repeat(20))
                    .append("</digest></part>");
        }
        int from = GOOD.indexOf("<parts");
        String document = GOOD.substring(0, from) + parts + "</parts>" + GOOD.substring(GOOD.indexOf("</parts>") + 8);
        assertThat(Manifest.parse(bytes(document)).image().parts()).hasSize(Manifest.MAX_PARTS);
    }

    @Test
    void partsAreOrderedByIndexAndNotByPlace() {
        String swapped = GOOD.replace("index='0'", "index='x'")
                .replace("index='2'", "index='0'")
                .replace("index='x'", "index='2'");
        assertThat(Manifest.parse(bytes(swapped)).image().parts())
                .extracting(Manifest.Part::fileName)
                .containsExactly("example.part.2", "example.part.1", "example.part.0");
    }

    @Test
    void olderVersionsLackWhatCameLater() {
        String machine =
                GOOD.substring(GOOD.indexOf("<machine_configuration>"), GOOD.indexOf("</machine_configuration>") + 24);
        String old = GOOD.replace("2007-10-10", "3").replace(machine, "").replace("<type>machine</type>", "");
        Manifest manifest = Manifest.parse(bytes(old));
        assertThat(manifest.machine().architecture()).isEqualTo("i386");
        assertThat(manifest.type()).isEqualTo(ImageType.MACHINE);
    }

    @Test
    void theWordTrueMakesAKernelOrARamdisk() {
        assertThat(Manifest.parse(bytes(GOOD.replace("aki-9ba0f1de", "true"))).type())
                .isEqualTo(ImageType.KERNEL);
        assertThat(Manifest.parse(bytes(
                                GOOD.replace("<kernel_id>aki-9ba0f1de</kernel_id>", "<ramdisk_id>true</ramdisk_id>")))
                        .type())
                .isEqualTo(ImageType.RAMDISK);
    }

    @Test
    void aChangeOfWhatIsSignedBreaksTheSignature() {
        for (String[] change : new String[][] {
            {"<size>10000<", "<size>10001<"},
            {"aki-9ba0f1de", "aki-9ba0f1df"},
            {"<image><name>", "<image> <name>"}
        }) {
            assertThat(ManifestSignature.signer(bytes(GOOD.replace(change[0], change[1])), List.of(Fixtures.USER)))
                    .isEmpty();
        }
        assertThat(ManifestSignature.signer(bytes(GOOD.replace("<release>0<", "<release>1<")), List.of(Fixtures.USER)))
                .as("the bundler is not covered")
                .isPresent();
        assertThat(ManifestSignature.signer(bytes(GOOD.replace('\'', '"')), List.of(Fixtures.USER)))
                .as("quotes may change on the way")
                .isPresent();
    }

    @Test
    void anUnsignedManifestHasNoSigner() {
        byte[] unsigned = ManifestWriter.unsigned(Manifest.parse(bytes(GOOD)));
        assertThat(Manifest.parse(unsigned).signature()).isEqualTo("UNSIGNED");
        assertThat(ManifestSignature.signer(unsigned, List.of(Fixtures.USER))).isEmpty();
    }

    @Test
    void markupInValuesIsWrittenAsText() {
        Manifest manifest = Manifest.parse(bytes(GOOD.replace(">ami<", ">&lt;image&gt;&amp;<")));
        assertThat(manifest.machine().blockDeviceMapping().getFirst().virtual()).isEqualTo("<image>&");
        byte[] written = ManifestWriter.signed(manifest, Fixtures.USER_KEY);
        assertThat(Manifest.parse(written).machine()).isEqualTo(manifest.machine());
        assertThat(ManifestSignature.signer(written, List.of(Fixtures.USER))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyInputIsReadOrRefused(long seed) {
        mangle(new SplittableRandom(seed), 1_500);
    }

    @Tag("long")
    @Test
    void anyInputIsReadOrRefusedForLong() {
        for (long seed = 100; seed < 200; seed++) {
            mangle(new SplittableRandom(seed), 2_000);
        }
    }

    /** What passes both checks is what was signed: no change of the covered values goes through. */
    private static void mangle(SplittableRandom random, int rounds) {
        Manifest good = Manifest.parse(bytes(GOOD));
        String[] scraps = {
            "<image>",
            "</image>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<machine_configuration>",
            "'",
            "\"",
            "<?",
            "?>",
            "&lt;",
            "&#60;",
            "\0",
            "<part index='0'>",
            "</parts>",
            "\ufeff",
            " ",
            "<image/>"
        };
        for (int i = 0; i < rounds; i++) {
            var text = new StringBuilder(GOOD);
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.insert(at, scraps[random.nextInt(scraps.length)]);
                    case 1 -> text.setCharAt(at, (char) random.nextInt(0x180));
                    case 2 -> text.delete(at, Math.min(text.length(), at + random.nextInt(40)));
                    default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(400))));
                }
            }
            try {
                byte[] document = bytes(text.toString());
                Manifest manifest = Manifest.parse(document);
                if (ManifestSignature.signer(document, List.of(Fixtures.USER)).isPresent()) {
                    assertThat(manifest.image()).as(text.toString()).isEqualTo(good.image());
                    assertThat(manifest.machine()).as(text.toString()).isEqualTo(good.machine());
                }
            } catch (ImageException.MalformedManifest e) {
                assertThat(e.getMessage()).startsWith("the manifest ").doesNotContain("\n");
            }
        }
    }
}
