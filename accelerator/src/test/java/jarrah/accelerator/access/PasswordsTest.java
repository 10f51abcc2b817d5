package jarrah.accelerator.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes as htpasswd and openssl write them, of the password {@code pä:ss}. */
final class PasswordsTest {
    private static String basic(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$2y$05$rTJBTZ07OyIZQP9AA6hZJu2y2xCR/zhWsLpUkvqaJXLIk9U4uod0S",
                "$apr1$abcdefgh$K9RJ38eueoE3qcz3ofxtv1",
                "$5$abcdefgh$FO/UmmH6bHkT3FrJ6cvsf2ocjI56//z/kCK6qUVYWA6",
                "$6$abcdefgh$ebzkiAb3vIlMWO/gujfql0Bxb41Upbx11cgsO7n2N79IIurpenFjhKk4OflIRFfT4XIoMLn/833gDfwTPL2uK.",
                "{SHA}bGkQtTTkOUsshX+8+f+zizTHrUw=",
            })
    void eachKindOfHashIsUnderstood(String hash) {
        var passwords = Passwords.read("# users\n\nanna:" + hash + "\n");
        String right = basic("anna:pä:ss");
        assertThat(passwords.ifKnown(right)).isNull();
        assertThat(passwords.check(right)).isTrue();
        assertThat(passwords.ifKnown(right)).isTrue();
        assertThat(passwords.check(basic("anna:pä:sS"))).isFalse();
        assertThat(passwords.check(basic("anna:"))).isFalse();
        assertThat(passwords.check(basic("otto:pä:ss"))).isFalse();
        assertThat(passwords.check("%")).isFalse();
    }

    @Test
    void anEmptyFileLetsNobodyIn() {
        assertThat(Passwords.read("").check(basic("anna:pä:ss"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"anna", "anna:", "anna:plain", ":{SHA}bGkQtTTkOUsshX+8+f+zizTHrUw=", "anna:rl.3StKT.4T8M"})
    void aLineThatCannotBeUsedIsToldByItsNumber(String line) {
        assertThatThrownBy(() -> Passwords.read("# users\n" + line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 2: ");
    }

    @Test
    void aHashThatWouldTakeMinutesIsRefused() {
        assertThatThrownBy(() -> Passwords.read("anna:$2y$31$abcdefghijklmnopqrstuudtY5L58DJw/vZi5DBaPop8khzotnulK"))
                .hasMessageContaining("cost 4 to 14");
        assertThatThrownBy(() -> Passwords.read("anna:$6$rounds=999999999$abcdefgh$"
                        + "ebzkiAb3vIlMWO/gujfql0Bxb41Upbx11cgsO7n2N79IIurpenFjhKk4OflIRFfT4XIoMLn/833gDfwTPL2uK."))
                .hasMessageContaining("1000000 rounds");
    }
}
