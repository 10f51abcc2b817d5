package jarrah.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1 message as it was on the wire, for requests and responses alike.
 *
 * @param startLine request line or status line, without its line end
 * @param fields header fields in order, duplicates kept
 * @param body the body, chunks already joined
 * @param trailers the fields after the last chunk
 */
public record RawMessage(String startLine, List<Field> fields, byte[] body, List<Field> trailers) {

    /** One field, the value without the white space around it. */
    public record Field(String name, String value) {}

    /** The status code of a response. */
    public int status() {
        return Integer.parseInt(startLine.split(" ", 3)[1]);
    }

    /** The method of a request. */
    public String method() {
        return startLine.split(" ", 3)[0];
    }

    /** The target of a request, as sent. */
    public String target() {
        return startLine.split(" ", 3)[1];
    }

    /** The value of the first field of that name; null if there is none. */
    public @Nullable String first(String name) {
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return null;
    }

    /** The values of all fields of that name, in order. */
    public List<String> all(String name) {
        var values = new ArrayList<String>();
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                values.add(field.value());
            }
        }
        return values;
    }

    /** The body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
