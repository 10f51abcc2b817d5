package jarrah.s3.wire;

import jarrah.aws.Authentication;
import jarrah.aws.BodySigning;
import jarrah.aws.RequestId;
import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.iam.Principal;
import jarrah.s3.store.BodyDigests;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An S3 request once it is known what it asks for and on whose behalf.
 *
 * @param exchange the request and the way to answer it
 * @param id its name in answers and logs
 * @param address bucket and key
 * @param query the parameters
 * @param principal the caller
 * @param authentication how the caller proved itself
 * @param operation what it asks for
 * @param always fields that every answer has
 * @param headers of the request, or what a form has in their place
 */
public record S3Request(
        Exchange exchange,
        RequestId id,
        S3Address address,
        S3Query query,
        Principal principal,
        Authentication authentication,
        S3Operation operation,
        Headers always,
        Headers headers) {

    /** The namespace of S3's XML, of its API version. */
    static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

    /** The same for another key of the bucket, without parameters. */
    S3Request withKey(String key) {
        return new S3Request(
                exchange,
                id,
                new S3Address(address.bucket(), key),
                S3Query.parse(null),
                principal,
                authentication,
                operation,
                always,
                headers);
    }

    @Nullable
    String header(String name) {
        return headers.first(name);
    }

    String bucket() {
        return address.bucket();
    }

    String key() {
        return address.key();
    }

    /** Its head as it came over the network; null if a service of this region asks on the caller's behalf. */
    @Nullable
    RequestHead sent() {
        return exchange instanceof HouseExchange ? null : exchange.request();
    }

    boolean presigned() {
        return authentication instanceof Authentication.Signed signed && signed.presigned();
    }

    boolean anonymous() {
        return principal instanceof Principal.Anonymous;
    }

    /** The body, decoded and checked as it is read. */
    SignedBody body() {
        BodySigning signing = authentication.bodySigning();
        return SignedBody.of(exchange.body(), signing, headers);
    }

    /** A small body in memory, every check passed. */
    byte[] document(int limitBytes) throws IOException {
        try {
            return body().readAll(limitBytes);
        } catch (RequestBody.BodyTooLarge e) {
            throw new S3WireException.MaxMessageLengthExceeded(limitBytes);
        }
    }

    /** A small body in memory, of which also the digests hold that its sender announced. */
    byte[] checkedDocument(SignedBody body, BodyDigests digests, int limitBytes) throws IOException {
        try {
            byte[] document = body.readAll(limitBytes);
            digests.requireMatch(document);
            return document;
        } catch (RequestBody.BodyTooLarge e) {
            throw new S3WireException.MaxMessageLengthExceeded(limitBytes);
        }
    }

    /** Parses a document with this root. */
    static XmlElement xml(byte[] document, String root) {
        try {
            XmlElement element = XmlElement.parse(document);
            if (!element.name().equals(root)) {
                throw new S3WireException.MalformedXml();
            }
            return element;
        } catch (XmlElement.MalformedXml e) {
            throw new S3WireException.MalformedXml();
        }
    }

    /** A head with the fields that every answer has. */
    ResponseHead head(int status) {
        return new ResponseHead(status, always.copy());
    }

    void answer(ResponseHead head, Body body) {
        exchange.send(head, body);
    }

    /** An answer without a body. */
    void answer(int status) {
        exchange.send(head(status), Body.EMPTY);
    }

    /** 200 with a document. */
    void answer(XmlWriter xml) {
        ResponseHead head = head(200);
        head.headers().add("Content-Type", "application/xml");
        exchange.send(head, Body.of(xml.bytes()));
    }
}
