package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.store.Generations;
import jarrah.http.ClientRequest;
import jarrah.http.ClientRequest.Content;
import jarrah.http.ClientResponse;
import jarrah.http.HttpOrigin;
import jarrah.http.RequestBody;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** HTTP servers that answer alike. */
final class UrlOrigin implements Origin {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Methods whose requests say how long their body is even if it is empty. */
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    /** Methods that change nothing (RFC 9110, 9.2.1). */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final Upstream upstream;

    /** @param upstream closed with this origin */
    UrlOrigin(Upstream upstream) {
        this.upstream = upstream;
    }

    @Override
    public @Nullable Generations generations(CacheKey key) {
        return null;
    }

    @Override
    public void fetch(Asked asked, Receiver receiver) throws IOException {
        Content content = content(asked);
        boolean repeatable = SAFE.contains(asked.method()) && !(content instanceof Content.Stream);
        try (ClientResponse response = upstream.ask(
                server -> new ClientRequest(asked.method(), server, asked.target(), asked.headers(), content),
                repeatable,
                (status, headers) -> receiver.interim(status, headers.copy()))) {
            receive(asked.method(), response, receiver);
        }
    }

    private static Content content(Asked asked) {
        RequestBody body = asked.body();
        if (body == null || body.length() == 0) {
            return WITH_BODY.contains(asked.method()) ? new Content.Bytes(new byte[0]) : Content.NONE;
        }
        return new Content.Stream(body, body.length());
    }

    /** Hands an answer over, piece by piece. */
    static void receive(String method, ClientResponse response, Receiver receiver) throws IOException {
        if (response.status() > 599) {
            // RFC 9110, 15: no such status; to be treated as an error of the server.
            throw new OriginException(
                    OriginException.Kind.BROKEN,
                    "an origin answers with status " + response.status(),
                    new ProtocolException());
        }
        long length = method.equals("HEAD") ? declared(response) : response.bodyLength();
        ResponseBody target =
                receiver.head(response.status(), response.headers().copy(), length);
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (read(response, buffer)) {
            target.write(buffer.flip());
            buffer.clear();
        }
        target.close(); // not after an exception: what broke off must not end as if it were whole
    }

    private static long declared(ClientResponse response) {
        String length = response.headers().first("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static boolean read(ClientResponse response, ByteBuffer buffer) throws OriginException {
        try {
            return response.body().read(buffer) >= 0;
        } catch (IOException e) {
            throw new OriginException(OriginException.Kind.BROKEN, "an origin broke off within a body", e);
        }
    }

    @Override
    public List<String> check() {
        var problems = new ArrayList<String>();
        for (HttpOrigin server : upstream.servers()) {
            try (ClientResponse response =
                    upstream.askOnly(server, ClientRequest.get(server, "/", "User-Agent", "jarrah-check"))) {
                if (response.status() >= 500) {
                    problems.add(server + " answers " + response.status() + " to GET /");
                }
            } catch (IOException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        return problems;
    }

    @Override
    public void close() {
        upstream.close();
    }
}
