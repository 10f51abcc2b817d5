package jarrah.s3.remote;

import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.ClientRequest.Content;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.s3.remote.RemoteBucket.Answer;
import jarrah.s3.store.Checksum;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a multipart upload to a bucket elsewhere.
 *
 * @param key of the object
 */
record RemoteUpload(RemoteBucket bucket, String key) {
    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
    /** Pages of 1,000 that are read at most; an object has 10,000 parts. */
    private static final int MAX_PAGES = 20;

    /** A part that the destination has. */
    record There(long size, String etag) {}

    /**
     * A part as a completion names it.
     *
     * @param checksum that the part was sent with
     */
    record Done(int number, String etag, Optional<Checksum> checksum) {}

    /** Begins an upload; gives its id. */
    String begin(Headers headers) throws RemoteException {
        String id =
                bucket.good("POST", key, "uploads", headers, Content.NONE).xml().childText("UploadId");
        if (id == null || id.isEmpty()) {
            throw RemoteException.refused("an upload has no id");
        }
        return id;
    }

    /** The parts that were uploaded, by number; null if there is no such upload any more. */
    @Nullable
    Map<Integer, There> parts(String id) throws RemoteException {
        var parts = new HashMap<Integer, There>();
        String after = "0";
        for (int page = 0; page < MAX_PAGES; page++) {
            String query = "max-parts=1000&part-number-marker=" + UriEncoding.encode(after) + "&" + named(id);
            Answer answer = bucket.ask("GET", key, query, Headers.of(), Content.NONE);
            if (answer.status() == 404) {
                return null;
            }
            if (!answer.isGood()) {
                throw bucket.refusal(answer, "GET", "uploadId");
            }
            XmlElement root = answer.xml();
            for (XmlElement part : root.children("Part")) {
                parts.put((int) number(part, "PartNumber"), new There(number(part, "Size"), bare(text(part, "ETag"))));
            }
            if (!text(root, "IsTruncated").equals("true")) {
                return parts;
            }
            after = text(root, "NextPartNumberMarker");
        }
        throw RemoteException.refused("an upload has too many parts");
    }

    /** Sends a part; gives its ETag. */
    String put(String id, int number, Headers headers, Content body) throws RemoteException {
        String query = "partNumber=" + number + "&" + named(id);
        return bucket.good("PUT", key, query, headers, body)
                .header("ETag")
                .map(RemoteUpload::bare)
                .orElse("");
    }

    /** Makes the parts an object; gives the answer, which has its version. */
    Answer complete(String id, List<Done> parts, Headers headers) throws RemoteException {
        var xml = new XmlWriter("CompleteMultipartUpload", NAMESPACE);
        for (Done part : parts) {
            xml.start("Part").text("PartNumber", part.number()).text("ETag", "\"" + part.etag() + "\"");
            part.checksum()
                    .ifPresent(sum -> xml.text("Checksum" + sum.algorithm().name(), sum.value()));
            xml.end();
        }
        Answer answer = bucket.good("POST", key, named(id), headers, new Content.Bytes(xml.bytes()));
        if (!answer.code().isEmpty()) {
            throw bucket.refusal(answer, "POST", "uploadId");
        }
        return answer;
    }

    /** Gives up an upload; harmless if there is none. */
    void abort(String id) throws RemoteException {
        Answer answer = bucket.ask("DELETE", key, named(id), Headers.of(), Content.NONE);
        if (!answer.isGood() && answer.status() != 404) {
            throw bucket.refusal(answer, "DELETE", "uploadId");
        }
    }

    /**
     * Gives up uploads to the key that have no part yet: one of them is what was begun when its id was lost.
     *
     * @param since the earliest that it can have been begun
     */
    void abortEmpty(Instant since) throws RemoteException {
        String query = "encoding-type=url&max-uploads=1000&prefix=" + UriEncoding.encode(key) + "&uploads=";
        for (XmlElement upload : bucket.good("GET", null, query, Headers.of(), Content.NONE)
                .xml()
                .children("Upload")) {
            String id = text(upload, "UploadId");
            boolean ours = PercentCoding.decode(text(upload, "Key").replace("+", "%20"))
                            .filter(key::equals)
                            .isPresent()
                    && !time(text(upload, "Initiated")).isBefore(since);
            Map<Integer, There> parts = ours ? parts(id) : null;
            if (parts != null && parts.isEmpty()) {
                abort(id);
            }
        }
    }

    private static String named(String id) {
        return "uploadId=" + UriEncoding.encode(id);
    }

    private static String text(XmlElement element, String name) {
        String text = element.childText(name);
        return text == null ? "" : text;
    }

    private static long number(XmlElement element, String name) throws RemoteException {
        try {
            return Long.parseLong(text(element, name));
        } catch (NumberFormatException malformed) {
            throw RemoteException.broken(name + " is no number", malformed);
        }
    }

    private static Instant time(String text) throws RemoteException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException malformed) {
            throw RemoteException.broken("Initiated is no time", malformed);
        }
    }

    /** An ETag without its quotes. */
    static String bare(String etag) {
        return etag.replace("\"", "").replace("&quot;", "");
    }
}
