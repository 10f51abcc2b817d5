package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.http.RequestBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upload form as a browser sends it ({@code multipart/form-data}, RFC 7578): the fields up to the one named
 * {@code file}, then its bytes as a stream. What follows the file is ignored, as S3 does.
 */
final class UploadForm {
    /** All fields before the file together; S3 takes 20 KB of data and a policy beside. */
    private static final int MAX_FIELD_BYTES = 64 * 1024;

    private static final int MAX_PART_HEAD_BYTES = 8 * 1024;
    private static final int MAX_BOUNDARY = 70;
    private static final Pattern BOUNDARY = Pattern.compile("boundary=(?:\"([^\"]+)\"|([^;\\s]+))");
    private static final Pattern NAME = Pattern.compile("[; ]name=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))");
    private static final Pattern FILE_NAME = Pattern.compile("filename=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))");

    private final Map<String, String> fields = new LinkedHashMap<>();
    private final Scanner scanner;
    private String fileName = "";

    private UploadForm(Scanner scanner) {
        this.scanner = scanner;
    }

    /** Whether a request brings one. */
    static boolean isMeant(Headers headers) {
        String type = headers.first("Content-Type");
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    }

    /**
     * Reads a form up to its file.
     *
     * @throws S3WireException.MalformedForm if it is none, or has no file
     */
    static UploadForm read(Headers headers, RequestBody body) throws IOException {
        Matcher boundary = BOUNDARY.matcher(String.valueOf(headers.first("Content-Type")));
        if (!boundary.find()) {
            throw new S3WireException.MalformedForm("The body of your POST request has no boundary.");
        }
        String text = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
        if (text.length() > MAX_BOUNDARY) {
            throw new S3WireException.MalformedForm("The boundary of the form is too long.");
        }
        var form = new UploadForm(new Scanner(body, text));
        form.readFields();
        return form;
    }

    private void readFields() throws IOException {
        scanner.skipToFirst();
        int left = MAX_FIELD_BYTES;
        while (true) {
            String head = new String(scanner.until("\r\n\r\n", MAX_PART_HEAD_BYTES), StandardCharsets.UTF_8);
            String name = group(NAME, head);
            if (name.equals("file")) {
                fileName = group(FILE_NAME, head).replaceAll("^.*[/\\\\]", "");
                return;
            }
            byte[] value = scanner.until(scanner.delimiter(), left);
            left -= value.length;
            fields.put(name.toLowerCase(Locale.ROOT), new String(value, StandardCharsets.UTF_8));
            if (scanner.atEnd()) {
                throw new S3WireException.FormWithoutFile();
            }
        }
    }

    private static String group(Pattern pattern, String head) {
        Matcher found = pattern.matcher(head);
        if (!found.find()) {
            return "";
        }
        String text = found.group(1) == null ? found.group(2) : found.group(1);
        return text.replaceAll("\\\\(.)", "$1");
    }

    /** The fields before the file; names in small letters. */
    Map<String, String> fields() {
        return fields;
    }

    /** The file's name on the client's side, without its directory; may be empty. */
    String fileName() {
        return fileName;
    }

    /** The bytes of the file; to be read once. */
    RequestBody file() {
        return new File();
    }

    private final class File implements RequestBody {
        @Override
        public long length() {
            return -1;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return scanner.read(target);
        }

        @Override
        public byte[] readAll(int limitBytes) throws IOException {
            return scanner.until(scanner.delimiter(), limitBytes);
        }

        @Override
        public Headers trailers() {
            return Headers.of();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Reads up to delimiters, with a window of bounded size on the body. */
    private static final class Scanner {
        private static final int WINDOW_BYTES = 64 * 1024;

        private final RequestBody body;
        private final String delimiter;
        private final byte[] boundary;
        private final byte[] window = new byte[WINDOW_BYTES];
        private int from;
        private int to;
        private boolean fileEnded;

        Scanner(RequestBody body, String boundary) {
            this.body = body;
            this.delimiter = "\r\n--" + boundary;
            this.boundary = delimiter.getBytes(StandardCharsets.ISO_8859_1);
        }

        String delimiter() {
            return delimiter;
        }

        /** The first delimiter need not follow a line break. */
        void skipToFirst() throws IOException {
            byte[] first = java.util.Arrays.copyOfRange(boundary, 2, boundary.length);
            if (until(new String(first, StandardCharsets.ISO_8859_1), MAX_PART_HEAD_BYTES).length > 2 || atEnd()) {
                throw new S3WireException.MalformedForm(
                        "The body of your POST request is not well-formed" + " multipart/form-data.");
            }
        }

        private boolean fill() throws IOException {
            if (from > 0) {
                System.arraycopy(window, from, window, 0, to - from);
                to -= from;
                from = 0;
            }
            int read = to == window.length ? 0 : body.read(ByteBuffer.wrap(window, to, window.length - to));
            if (read < 0) {
                return false;
            }
            to += read;
            return true;
        }

        private int find(byte[] what) {
            for (int at = from; at + what.length <= to; at++) {
                int same = 0;
                while (same < what.length && window[at + same] == what[same]) {
                    same++;
                }
                if (same == what.length) {
                    return at;
                }
            }
            return -1;
        }

        /** The bytes before a delimiter, which is passed. */
        byte[] until(String mark, int limit) throws IOException {
            byte[] bytes = mark.getBytes(StandardCharsets.ISO_8859_1);
            var taken = new ByteArrayOutputStream();
            while (true) {
                int at = find(bytes);
                int safe = at >= 0 ? at : Math.max(from, to - bytes.length + 1);
                taken.write(window, from, safe - from);
                from = safe;
                if (taken.size() > limit) {
                    throw new S3WireException.FormTooLarge(limit);
                }
                if (at >= 0) {
                    from = at + bytes.length;
                    return taken.toByteArray();
                }
                if (!fill()) {
                    throw new S3WireException.MalformedForm(
                            "The body of your POST request is not well-formed" + " multipart/form-data.");
                }
            }
        }

        /** Whether the delimiter that was just passed is the last; passes the line break behind it otherwise. */
        boolean atEnd() throws IOException {
            while (to - from < 2) {
                if (!fill()) {
                    return true;
                }
            }
            boolean end = window[from] == '-' && window[from + 1] == '-';
            from += 2;
            return end;
        }

        /** Bytes of the file; -1 at the delimiter behind it. */
        int read(ByteBuffer target) throws IOException {
            if (fileEnded) {
                return -1;
            }
            while (true) {
                int at = find(boundary);
                int safe = at >= 0 ? at : Math.max(from, to - boundary.length + 1);
                int count = Math.min(safe - from, target.remaining());
                if (count > 0) {
                    target.put(window, from, count);
                    from += count;
                    return count;
                }
                if (at >= 0) {
                    fileEnded = true;
                    return -1;
                }
                if (!fill()) {
                    throw new S3WireException.MalformedForm(
                            "The body of your POST request is not well-formed" + " multipart/form-data.");
                }
            }
        }
    }
}
