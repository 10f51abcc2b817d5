package jarrah.accelerator.acme;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;

/** What the authority asks for, over HTTP, of those who say that a name is theirs (RFC 8555, 8.3). */
final class Challenges {
    private static final String PLACE = "/.well-known/acme-challenge/";

    private final ConcurrentHashMap<String, String> answers = new ConcurrentHashMap<>();

    void put(String token, String answer) {
        answers.put(token, answer);
    }

    void remove(String token) {
        answers.remove(token);
    }

    /** Answers a question of the authority; false, and nothing done, if the request is none. */
    boolean answer(Exchange exchange) {
        if (answers.isEmpty()) {
            return false;
        }
        RequestHead request = exchange.request();
        String path = request.path();
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        if (!reads || !path.startsWith(PLACE)) {
            return false;
        }
        String answer = answers.get(path.substring(PLACE.length()));
        if (answer == null) {
            return false;
        }
        exchange.send(
                ResponseHead.of(200, "Content-Type", "application/octet-stream", "Cache-Control", "no-store"),
                Body.of(answer.getBytes(StandardCharsets.US_ASCII)));
        return true;
    }
}
