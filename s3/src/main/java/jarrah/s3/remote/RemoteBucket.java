package jarrah.s3.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.aws.RequestSigner;
import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.http.ClientRequest;
import jarrah.http.ClientRequest.Content;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A bucket at another endpoint: requests to it, signed, redirects not followed. Safe for many threads.
 *
 * @param account that has to own it; the endpoint compares ("Verifying bucket ownership with bucket owner condition")
 */
public record RemoteBucket(
        RemoteEndpoint endpoint, String name, Optional<String> account, HttpClient client, Clock clock) {
    /** The longest document that is read: a page of 1,000 uploads with long keys is smaller. */
    private static final int MAX_DOCUMENT_BYTES = 8 << 20;

    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    /** The same, if that account owns it. */
    public RemoteBucket ownedBy(Optional<String> owner) {
        return new RemoteBucket(endpoint, name, owner, client, clock);
    }

    /** An answer, read to its end. */
    record Answer(int status, Headers headers, byte[] document) {
        boolean isGood() {
            return status >= 200 && status < 300;
        }

        Optional<String> header(String field) {
            return Optional.ofNullable(headers.first(field));
        }

        /** The version that was made or found. */
        Optional<String> version() {
            return header("x-amz-version-id");
        }

        XmlElement xml() throws RemoteException {
            try {
                return XmlElement.parse(document);
            } catch (XmlElement.MalformedXml malformed) {
                throw RemoteException.broken("an answer is no XML document", malformed);
            }
        }

        /** The code of an error document; empty if it is none. */
        String code() {
            try {
                XmlElement root = XmlElement.parse(document);
                String code = root.name().equals("Error") ? root.childText("Code") : null;
                return code == null ? "" : code;
            } catch (XmlElement.MalformedXml none) {
                return "";
            }
        }
    }

    /** Whether it keeps versions: {@code Enabled}, {@code Suspended} or nothing. */
    public String versioning() throws RemoteException {
        Answer answer = good("GET", null, "versioning", Headers.of(), Content.NONE);
        String status = answer.xml().childText("Status");
        return status == null ? "" : status;
    }

    /** As {@link #ask}, but every answer that is not a good one is an error. */
    Answer good(String method, @Nullable String key, @Nullable String query, Headers headers, Content body)
            throws RemoteException {
        Answer answer = ask(method, key, query, headers, body);
        if (!answer.isGood()) {
            throw refusal(answer, method, query);
        }
        return answer;
    }

    /** What to make of an answer that is not a good one. */
    RemoteException refusal(Answer answer, String method, @Nullable String query) {
        String what = query == null ? method : method + " ?" + query.split("[=&]", 2)[0];
        return RemoteException.answered(what, answer.status(), answer.code());
    }

    /**
     * Sends a request.
     *
     * @param key null for the bucket itself
     * @param query percent-encoded; null for none
     * @throws RemoteException if there is no answer
     */
    Answer ask(String method, @Nullable String key, @Nullable String query, Headers headers, Content body)
            throws RemoteException {
        HttpOrigin server = endpoint.pathStyle()
                ? endpoint.server()
                : new HttpOrigin(
                        endpoint.server().secure(),
                        name + "." + endpoint.server().host(),
                        endpoint.server().port());
        String bucket = endpoint.pathStyle() ? "/" + UriEncoding.encode(name) : "";
        String path = bucket + "/" + (key == null ? "" : UriEncoding.encodePath(key));
        Headers sent = headers.copy().set("Host", server.authority());
        account.ifPresent(owner -> sent.set("x-amz-expected-bucket-owner", owner));
        sign(method, path, query, sent, hash(body));
        var request = new ClientRequest(method, server, query == null ? path : path + "?" + query, sent, body);
        try (ClientResponse response = client.execute(request)) {
            return new Answer(response.status(), response.headers(), response.readAll(MAX_DOCUMENT_BYTES));
        } catch (ConnectException | UnknownHostException | NoRouteToHostException failed) {
            throw RemoteException.unreachable(server + " cannot be reached", failed);
        } catch (SocketTimeoutException silent) {
            throw RemoteException.unreachable(server + " does not answer", silent);
        } catch (IOException failed) {
            throw RemoteException.broken(server + " broke off: " + failed.getMessage(), failed);
        }
    }

    /** A body that is read once is bound by its Content-MD5, which is signed. */
    private static String hash(Content body) {
        return switch (body) {
            case Content.None() -> sha256(new byte[0]);
            case Content.Bytes(byte[] bytes) -> sha256(bytes);
            case Content.Stream(ReadableByteChannel _, long _) -> UNSIGNED;
        };
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void sign(String method, String path, @Nullable String query, Headers headers, String hash)
            throws RemoteException {
        RemoteEndpoint.Key key;
        try {
            key = endpoint.keys().current();
        } catch (IOException missing) {
            throw RemoteException.unreachable(String.valueOf(missing.getMessage()), missing);
        }
        if (key == null) {
            return;
        }
        if (key.sessionToken() != null) {
            headers.set("X-Amz-Security-Token", key.sessionToken());
        }
        new RequestSigner(key.id(), key.secret(), endpoint.region(), "s3", clock)
                .sign(method, path, query, headers, hash);
    }

    /** A document as a body. */
    static Content document(String xml) {
        return new Content.Bytes(xml.getBytes(UTF_8));
    }

    @Override
    public String toString() {
        return name + " at " + endpoint.name();
    }
}
