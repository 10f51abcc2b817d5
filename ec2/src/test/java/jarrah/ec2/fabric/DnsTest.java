package jarrah.ec2.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.ec2.fabric.FabricSettings.Peer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of a VPC, and the form of questions and answers (RFC 1035). */
final class DnsTest {
    private static final FabricSettings SETTINGS = new FabricSettings(
            Path.of("/x"),
            Path.of("/run"),
            "us-east-1",
            List.of(new Peer("eu-west-1", "h", 1), new Peer("eu-west-2", "h", 2)),
            false,
            Optional.empty());
    private static final DnsZone ZONE =
            VpcServices.zone(TestFabric.vpc("vpc-1", List.of(), TestFabric.nic(5, Optional.empty())), SETTINGS);

    private static byte[] question(String name, int type) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, (byte) (type >> 8), (byte) type, 0, 1});
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    ip-10-0-0-5.us-east-1.compute.internal, 10.0.0.5
                    IP-10-0-0-5.US-EAST-1.Compute.Internal, 10.0.0.5
                    api.us-east-1.jarrah.internal, 169.254.169.250
                    s3.api.us-east-1.jarrah.internal, 169.254.169.250
                    bucket.with.dots.s3.api.us-east-1.jarrah.internal, 169.254.169.250
                    api.eu-west-1.jarrah.internal, 169.254.169.249
                    api.eu-west-2.jarrah.internal, 169.254.169.248
                    ip-10-0-0-6.us-east-1.compute.internal, none
                    x.ip-10-0-0-5.us-east-1.compute.internal, none
                    us-east-1.jarrah.internal, none
                    example.com, none
                    """)
    void knowsTheNamesOfAVpc(String name, String address) {
        assertThat(ZONE.address(name).map(Ipv4Range::format).orElse("none")).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    5.0.0.10.in-addr.arpa, ip-10-0-0-5.us-east-1.compute.internal
                    6.0.0.10.in-addr.arpa, none
                    0.0.10.in-addr.arpa, none
                    x.0.0.10.in-addr.arpa, none
                    """)
    void knowsTheNameOfAnAddress(String question, String name) {
        assertThat(ZONE.pointer(question).orElse("none")).isEqualTo(name);
    }

    @Test
    void anAnswerHasTheQuestionAndTheAddress() {
        byte[] question = question("api.us-east-1.jarrah.internal", 1);
        var query = DnsMessage.parse(question).orElseThrow();
        assertThat(query.name()).isEqualTo("api.us-east-1.jarrah.internal");

        byte[] answer = query.address(Ipv4Range.parseAddress("169.254.169.250"));

        assertThat(Arrays.copyOf(answer, 12)).containsExactly(0x12, 0x34, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0);
        assertThat(Arrays.copyOfRange(answer, 12, question.length))
                .isEqualTo(Arrays.copyOfRange(question, 12, question.length));
        assertThat(Arrays.copyOfRange(answer, question.length, answer.length))
                .containsExactly(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, 169, 254, 169, 250);
    }

    @Test
    void aNameThatDoesNotExistIsSaidSo() {
        byte[] answer =
                DnsMessage.parse(question("x.internal", 28)).orElseThrow().empty(DnsMessage.NO_SUCH_NAME);
        assertThat(answer[3] & 15).isEqualTo(3);
        assertThat(ByteBuffer.wrap(answer).getShort(6)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverAGuestAsksIsReadOrRefusedWithoutFailing(long seed) {
        var random = new Random(seed);
        byte[] good = question("a.name.of.some.length.us-east-1.compute.internal", 12);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int change = random.nextInt(8); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            DnsMessage.parse(bytes).ifPresent(query -> {
                ZONE.address(query.name());
                ZONE.pointer(query.name());
            });
        }
    }
}
