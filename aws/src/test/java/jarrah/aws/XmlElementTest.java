package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XmlElementTest {
    private static XmlElement parse(String text) throws XmlElement.MalformedXml {
        return XmlElement.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatWeWriteWeRead() throws Exception {
        String nasty = "a<b>&\"c'\r\n\tü€😀";
        XmlElement root = XmlElement.parse(new XmlWriter("Root", "http://example.com/")
                .text("Key", nasty)
                .startTyped("Grantee", "CanonicalUser")
                .text("ID", "x")
                .bytes());
        assertThat(root.child("Key")).isNotNull().extracting(XmlElement::text).isEqualTo(nasty);
        assertThat(root.child("Grantee"))
                .isNotNull()
                .extracting(XmlElement::type)
                .isEqualTo("CanonicalUser");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'plain'                | plain
            '<&>"'                 | &lt;&amp;&gt;&quot;
            'ü'                    | ü
            'a€😀b'                | a€😀b
            '\uffff\u0001 \r\t\n.'   | '&#xffff;&#x1; &#13;\t\n.'
            """)
    void textIsEscapedAsS3Writes(String text, String written) {
        String longer = text.repeat(1_000); // the room grows on the way
        assertThat(new String(new XmlWriter("R").text("K", longer).bytes(), StandardCharsets.UTF_8))
                .isEqualTo("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R><K>" + written.repeat(1_000) + "</K></R>");
    }

    @Test
    void halfOfACharacterIsAQuestionMark() {
        assertThat(new String(new XmlWriter("R").content("a\ud83db").bytes(), StandardCharsets.UTF_8))
                .endsWith("<R>a?b</R>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "<a>",
                "<a></b>",
                "<a/><b/>",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
                "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\">]><a>&x;</a>",
                "<a>&undefined;</a>",
                "<a>\u0001</a>"
            })
    void whatIsNotPlainXmlIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(XmlElement.MalformedXml.class);
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> parse("<a>".repeat(40) + "</a>".repeat(40)))
                .isInstanceOf(XmlElement.MalformedXml.class);
    }
}
