package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Place;
import java.util.ArrayList;
import java.util.List;

/** Cuts a text into tokens. */
final class VclLexer {
    enum Kind {
        WORD,
        NUMBER,
        TEXT,
        SIGN,
        END
    }

    /** @param text of a string without its quotes; of a number with its unit */
    record Token(Kind kind, String text, Place place) {}

    private static final List<String> SIGNS = List.of("&&", "||", "==", "!=", "!~", "<=", ">=", "+=", "-=", "*=", "/=");

    private final String file;
    private final String text;
    private int at;
    private int line = 1;

    private VclLexer(String file, String text) {
        this.file = file;
        this.text = text;
    }

    static List<Token> tokens(String file, String text) throws VclException {
        var lexer = new VclLexer(file, text);
        var tokens = new ArrayList<Token>();
        while (true) {
            Token token = lexer.next();
            tokens.add(token);
            if (token.kind == Kind.END) {
                return tokens;
            }
        }
    }

    private Place place() {
        return new Place(file, line);
    }

    private Token next() throws VclException {
        skipBlanks();
        Place place = place();
        if (at >= text.length()) {
            return new Token(Kind.END, "the end", place);
        }
        char c = text.charAt(at);
        if (text.startsWith("\"\"\"", at)) {
            return new Token(Kind.TEXT, upTo("\"\"\"", 3, place), place);
        }
        if (text.startsWith("{\"", at)) {
            return new Token(Kind.TEXT, upTo("\"}", 2, place), place);
        }
        if (c == '"') {
            String string = upTo("\"", 1, place);
            if (string.indexOf('\n') >= 0) {
                throw new VclException(place + ": a string does not end in its line");
            }
            return new Token(Kind.TEXT, string, place);
        }
        if (isWordStart(c)) {
            return new Token(Kind.WORD, while_(VclLexer::isWordPart), place);
        }
        if (Character.isDigit(c)) {
            return new Token(Kind.NUMBER, while_(d -> Character.isLetterOrDigit(d) || d == '.'), place);
        }
        for (String sign : SIGNS) {
            if (text.startsWith(sign, at)) {
                at += sign.length();
                return new Token(Kind.SIGN, sign, place);
            }
        }
        at++;
        return new Token(Kind.SIGN, String.valueOf(c), place);
    }

    private interface Test {
        boolean holds(char c);
    }

    private String while_(Test test) {
        int from = at;
        while (at < text.length() && test.holds(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at);
    }

    private static boolean isWordStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isWordPart(char c) {
        return isWordStart(c) || c >= '0' && c <= '9' || c == '.' || c == '-';
    }

    private String upTo(String end, int skip, Place place) throws VclException {
        int stop = text.indexOf(end, at + skip);
        if (stop < 0) {
            throw new VclException(place + ": a string does not end");
        }
        String inside = text.substring(at + skip, stop);
        line += (int) inside.chars().filter(c -> c == '\n').count();
        at = stop + end.length();
        return inside;
    }

    private void skipBlanks() throws VclException {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                line++;
                at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '#' || text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                upTo("*/", 2, place());
            } else {
                return;
            }
        }
    }
}
