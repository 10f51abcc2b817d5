package jarrah.images.bundle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The text of a manifest, known to be free of all that could make a signature's reader and an XML parser see different
 * elements: a DTD, comments, CDATA sections, processing instructions, and second elements of a name that is signed.
 *
 * <p>In well-formed XML a literal {@code <} is always markup once comments and CDATA are shut out, so whatever stands
 * between the one {@code <image>} and the one {@code </image>} of the text is the element that the parser sees.
 *
 * @param text the document, decoded strictly as UTF-8
 */
record ManifestText(String text) {
    private static final String[] SIGNED = {"machine_configuration", "image"};

    static ManifestText of(byte[] document) {
        if (document.length > Manifest.MAX_BYTES) {
            throw new ImageException.MalformedManifest("is longer than " + Manifest.MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ImageException.MalformedManifest("is not UTF-8 text");
        }
        // "<!" opens a DTD, a comment and a CDATA section, and nothing else.
        if (text.contains("<!")) {
            throw new ImageException.MalformedManifest("has a DTD, a comment or a CDATA section");
        }
        if (text.indexOf("<?", 1) >= 0) {
            throw new ImageException.MalformedManifest("has a processing instruction");
        }
        for (String name : SIGNED) {
            requireOnce(text, name);
        }
        return new ManifestText(text);
    }

    private static void requireOnce(String text, String name) {
        int starts = 0;
        int from = 0;
        while ((from = text.indexOf("<" + name, from)) >= 0) {
            from += name.length() + 1;
            char next = from < text.length() ? text.charAt(from) : ' ';
            if (next == '>') {
                starts++;
            } else if (next == '/' || Character.isWhitespace(next)) {
                throw new ImageException.MalformedManifest("has a <" + name + "> in an unusual spelling");
            }
        }
        int ends = 0;
        from = 0;
        while ((from = text.indexOf("</" + name, from)) >= 0) {
            from += name.length() + 2;
            if (text.startsWith(">", from)) {
                ends++;
            } else if (Character.isWhitespace(from < text.length() ? text.charAt(from) : ' ')) {
                throw new ImageException.MalformedManifest("has a </" + name + "> in an unusual spelling");
            }
        }
        if (starts > 1 || ends != starts) {
            throw new ImageException.MalformedManifest("has more than one <" + name + "> element");
        }
    }

    /** What a signature covers: the two elements as they stand, one after the other; an absent one counts as nothing. */
    String signed() {
        var signed = new StringBuilder();
        for (String name : SIGNED) {
            int start = text.indexOf("<" + name + ">");
            int end = text.indexOf("</" + name + ">");
            if (start >= 0 && end > start) {
                signed.append(text, start, end + name.length() + 3);
            }
        }
        return signed.toString();
    }

    /** The text between the tags of {@code <signature>}; empty if there is none. */
    String signature() {
        String open = "<signature>";
        int start = text.indexOf(open);
        int end = text.indexOf("</signature>");
        return start < 0 || end < start
                ? ""
                : text.substring(start + open.length(), end).strip();
    }
}
