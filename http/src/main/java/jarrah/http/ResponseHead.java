package jarrah.http;

/**
 * The head of a response.
 *
 * <p>{@code Content-Length}, {@code Transfer-Encoding} and {@code Connection} are the engine's to write, from the body
 * that goes with the head; the engine adds {@code Date} where it is missing.
 *
 * @param status the status code, 200 to 599
 * @param headers the header fields; owned by the exchange once sent
 */
public record ResponseHead(int status, Headers headers) {
    public static ResponseHead of(int status, String... namesAndValues) {
        return new ResponseHead(status, Headers.of(namesAndValues));
    }
}
