package jarrah.accelerator.origin;

import jarrah.http.Headers;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Turns S3's requests and answers into ones for people: its XML errors are for programs, people get a line of text under
 * the same status; fields of S3's own ({@code x-amz-...}) stay behind, but for the user's metadata.
 */
record ObjectAnswers(Origin.Receiver receiver, boolean headOnly) implements Origin.Receiver {
    /** Fields of a request that mean something to S3 here; all others are the client's and the accelerator's affair. */
    private static final List<String> PASSED = List.of("Range", "If-Range", "If-None-Match", "If-Modified-Since");

    /** What of a request's fields goes to S3, with that Host. */
    static Headers asked(String host, Headers request) {
        Headers headers = Headers.of("Host", host);
        for (String name : PASSED) {
            String value = request.joined(name);
            if (value != null) {
                headers.add(name, value);
            }
        }
        return headers;
    }

    @Override
    public ResponseBody head(int status, Headers headers, long length) throws IOException {
        if (status < 400) {
            return receiver.head(status, translated(headers), length);
        }
        byte[] text = Refusals.text(status).getBytes(StandardCharsets.UTF_8);
        Headers plain = Headers.of("Content-Type", "text/plain; charset=utf-8");
        String range = headers.first("Content-Range");
        if (range != null) {
            plain.add("Content-Range", range);
        }
        ResponseBody target = receiver.head(status, plain, text.length);
        if (!headOnly) {
            target.write(ByteBuffer.wrap(text));
        }
        target.close();
        return new DiscardedBody();
    }

    private static Headers translated(Headers headers) {
        Headers kept = Headers.of();
        headers.forEach((name, value) -> {
            boolean amazon =
                    name.regionMatches(true, 0, "x-amz-", 0, 6) && !name.regionMatches(true, 0, "x-amz-meta-", 0, 11);
            if (!amazon && !name.equalsIgnoreCase("Server")) {
                kept.add(name, value);
            }
        });
        return kept;
    }
}
