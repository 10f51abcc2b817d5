package jarrah.ec2.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.ec2.fabric.DhcpAnswers.Lease;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a DHCP server says, message by message (RFC 2131, 4.3). */
final class DhcpAnswersTest {
    private static final byte[] MAC = HexFormat.ofDelimiter(":").parseHex("02:00:00:00:00:05");
    private static final int ADDRESS = Ipv4Range.parseAddress("10.0.0.5");
    private static final Lease LEASE =
            new Lease(MAC, ADDRESS, Ipv4Range.parse("10.0.0.0/24"), "ip-10-0-0-5", "us-east-1.compute.internal");

    private static DhcpMessage message(int type, String client, Map<Integer, String> addresses) {
        var options = new HashMap<Integer, byte[]>();
        options.put(DhcpMessage.MESSAGE_TYPE, new byte[] {(byte) type});
        addresses.forEach((option, value) -> options.put(option, DhcpMessage.intBytes(Ipv4Range.parseAddress(value))));
        return new DhcpMessage(1, 0x12345678, 3, 0x8000, Ipv4Range.parseAddress(client), 0, 0, 0, MAC, options);
    }

    private static Map<Integer, String> options(String requested, String server) {
        var options = new HashMap<Integer, String>();
        if (!requested.equals("none")) {
            options.put(DhcpMessage.REQUESTED_ADDRESS, requested);
        }
        if (!server.equals("none")) {
            options.put(DhcpMessage.SERVER_ID, server);
        }
        return options;
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    # type, client's address, requested, server, answered by, with the address
                    1, 0.0.0.0, none, none, 2, 10.0.0.5
                    1, 0.0.0.0, 10.0.0.99, none, 2, 10.0.0.5
                    3, 0.0.0.0, 10.0.0.5, 10.0.0.1, 5, 10.0.0.5
                    3, 0.0.0.0, 10.0.0.5, none, 5, 10.0.0.5
                    3, 10.0.0.5, none, none, 5, 10.0.0.5
                    3, 0.0.0.0, 10.0.0.99, none, 6, 0.0.0.0
                    3, 10.0.0.99, none, none, 6, 0.0.0.0
                    3, 0.0.0.0, 10.0.0.5, 10.0.0.9, none, 0.0.0.0
                    8, 10.0.0.5, none, none, 5, 0.0.0.0
                    4, 0.0.0.0, 10.0.0.5, 10.0.0.1, none, 0.0.0.0
                    7, 10.0.0.5, none, 10.0.0.1, none, 0.0.0.0
                    0, 0.0.0.0, none, none, none, 0.0.0.0
                    """)
    void answersByTheTable(int type, String client, String requested, String server, String answer, String yours) {
        var given = DhcpAnswers.to(message(type, client, options(requested, server)), LEASE);

        assertThat(given.map(DhcpMessage::type).map(String::valueOf).orElse("none"))
                .isEqualTo(answer);
        given.ifPresent(found -> {
            assertThat(Ipv4Range.format(found.yours())).isEqualTo(yours);
            assertThat(found.transaction()).isEqualTo(0x12345678);
            assertThat(found.operation()).isEqualTo(2);
        });
    }

    @Test
    void anOfferSaysAllThatACardNeeds() {
        var offer = DhcpAnswers.to(message(1, "0.0.0.0", Map.of()), LEASE).orElseThrow();
        var read = DhcpMessage.parse(offer.toBytes()).orElseThrow();

        assertThat(Ipv4Range.format(read.address(DhcpMessage.SUBNET_MASK))).isEqualTo("255.255.255.0");
        assertThat(Ipv4Range.format(read.address(DhcpMessage.ROUTER))).isEqualTo("10.0.0.1");
        assertThat(Ipv4Range.format(read.address(DhcpMessage.NAME_SERVER))).isEqualTo("10.0.0.2");
        assertThat(read.address(DhcpMessage.LEASE_TIME)).isEqualTo(3600);
        assertThat(read.options().get(DhcpMessage.HOST_NAME)).asString().isEqualTo("ip-10-0-0-5");
        assertThat(read.options().get(DhcpMessage.INTERFACE_MTU)).containsExactly(5, 0xdc);
        // 32 169.254.169.254 10.0.0.1, 0 10.0.0.1 (RFC 3442)
        assertThat(read.options().get(DhcpMessage.CLASSLESS_ROUTES))
                .containsExactly(32, 169, 254, 169, 254, 10, 0, 0, 1, 0, 10, 0, 0, 1);
        assertThat(read.flags()).isEqualTo(0x8000);
    }

    @Test
    void anInformGetsNoLease() {
        var answer = DhcpAnswers.to(message(8, "10.0.0.5", Map.of()), LEASE).orElseThrow();
        assertThat(answer.options()).doesNotContainKey(DhcpMessage.LEASE_TIME).containsKey(DhcpMessage.ROUTER);
    }

    @Test
    void anotherCardsMessageIsNotAnswered() {
        var stranger = new Lease(new byte[6], ADDRESS, LEASE.subnet(), "x", "y");
        assertThat(DhcpAnswers.to(message(1, "0.0.0.0", Map.of()), stranger)).isEmpty();
    }

    @Test
    void aMessageIsReadAsItWasWritten() {
        var message = message(3, "10.0.0.5", Map.of(DhcpMessage.REQUESTED_ADDRESS, "10.0.0.7"));
        byte[] bytes = message.toBytes();
        var read = DhcpMessage.parse(bytes).orElseThrow();

        assertThat(bytes).hasSizeGreaterThanOrEqualTo(300);
        assertThat(read.toBytes()).isEqualTo(bytes);
        assertThat(read.address(DhcpMessage.REQUESTED_ADDRESS)).isEqualTo(Ipv4Range.parseAddress("10.0.0.7"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverAGuestSendsIsReadOrRefusedWithoutFailing(long seed) {
        var random = new Random(seed);
        byte[] good = message(1, "0.0.0.0", Map.of(DhcpMessage.REQUESTED_ADDRESS, "10.0.0.5"))
                .toBytes();
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int change = random.nextInt(8); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            DhcpMessage.parse(bytes).ifPresent(message -> DhcpAnswers.to(message, LEASE));
        }
    }
}
