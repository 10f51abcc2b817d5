package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.store.Generations;
import jarrah.http.ClientRequest;
import jarrah.http.ClientRequest.Content;
import jarrah.http.ClientResponse;
import jarrah.http.HttpClient;
import jarrah.http.HttpOrigin;
import jarrah.http.RequestBody;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An HTTP server. */
public final class UrlOrigin implements Origin {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Methods whose requests say how long their body is even if it is empty. */
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private final HttpClient client;
    private final HttpOrigin server;

    /**
     * An origin at that server.
     *
     * @param client shared by all origins, and not closed here
     */
    public UrlOrigin(HttpClient client, HttpOrigin server) {
        this.client = client;
        this.server = server;
    }

    @Override
    public @Nullable Generations generations(CacheKey key) {
        return null;
    }

    @Override
    public void fetch(Asked asked, Receiver receiver) throws IOException {
        var request = new ClientRequest(asked.method(), server, asked.target(), asked.headers(), content(asked));
        try (ClientResponse response = execute(request)) {
            long length = response.bodyLength();
            if (asked.method().equals("HEAD")) {
                length = declared(response);
            }
            ResponseBody target =
                    receiver.head(response.status(), response.headers().copy(), length);
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (read(response, buffer)) {
                target.write(buffer.flip());
                buffer.clear();
            }
            target.close(); // not after an exception: what broke off must not end as if it were whole
        }
    }

    private static Content content(Asked asked) {
        RequestBody body = asked.body();
        if (body == null || body.length() == 0) {
            return WITH_BODY.contains(asked.method()) ? new Content.Bytes(new byte[0]) : Content.NONE;
        }
        return new Content.Stream(body, body.length());
    }

    private static long declared(ClientResponse response) {
        String length = response.headers().first("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private ClientResponse execute(ClientRequest request) throws IOException {
        try {
            return client.execute(request);
        } catch (RequestBody.BodyTooLarge | RequestBody.BodyTimeout | RequestBody.BodyMalformed e) {
            throw e; // the client's fault, and told to it
        } catch (ConnectException | UnknownHostException | NoRouteToHostException e) {
            throw new OriginException(OriginException.Kind.UNREACHABLE, server + " cannot be reached", e);
        } catch (SocketTimeoutException e) {
            throw new OriginException(OriginException.Kind.SILENT, server + " does not answer", e);
        } catch (IOException e) {
            throw new OriginException(OriginException.Kind.BROKEN, server + " broke off", e);
        }
    }

    private boolean read(ClientResponse response, ByteBuffer buffer) throws OriginException {
        try {
            return response.body().read(buffer) >= 0;
        } catch (IOException e) {
            throw new OriginException(OriginException.Kind.BROKEN, server + " broke off within a body", e);
        }
    }
}
