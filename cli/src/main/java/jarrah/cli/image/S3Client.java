package jarrah.cli.image;

import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.cli.api.Api;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The few calls of S3 that bundles need, path style. */
final class S3Client implements AutoCloseable {
    private static final int SMALL_BYTES = 64 * 1024;
    private static final int BLOCK_BYTES = 64 * 1024;

    private final Api api;

    S3Client(Api api) {
        this.api = api;
    }

    /** Where the store is, for messages. */
    String endpoint() {
        return api.endpoint();
    }

    /** The bucket's region; empty if there is no such bucket. */
    Optional<String> location(String bucket) throws IOException {
        try (ClientResponse response =
                api.send("GET", path(bucket, ""), "location", Headers.of(), Api.UNSIGNED, ClientRequest.Content.NONE)) {
            if (response.status() == 404) {
                return Optional.empty();
            }
            if (response.status() != 200) {
                throw Api.refusal(response).during("cannot look at bucket " + bucket);
            }
            String region =
                    XmlElement.parse(response.readAll(SMALL_BYTES)).text().strip();
            // S3's first region answers with nothing, and Europe's first with its old name.
            return Optional.of(Regions.named(region.isEmpty() ? "us-east-1" : region));
        } catch (XmlElement.MalformedXml e) {
            throw new IOException("the store's answer about bucket " + bucket + " cannot be read");
        }
    }

    /** Makes a bucket; with a location constraint unless it is for S3's first region, which takes none. */
    void createBucket(String bucket, String region) throws IOException {
        byte[] body = region.equals("us-east-1")
                ? new byte[0]
                : new XmlWriter("CreateBucketConfiguration", "http://s3.amazonaws.com/doc/2006-03-01/")
                        .text("LocationConstraint", region)
                        .bytes();
        try (ClientResponse response = api.send("PUT", path(bucket, ""), Headers.of(), body)) {
            if (response.status() != 200) {
                throw Api.refusal(response).during("cannot make bucket " + bucket);
            }
        }
    }

    /** Whether an object of these bytes is there already, as far as its ETag tells. */
    boolean has(String bucket, String key, FileDigests digests) throws IOException {
        try (ClientResponse response =
                api.send("HEAD", path(bucket, key), null, Headers.of(), Api.UNSIGNED, ClientRequest.Content.NONE)) {
            String length = response.headers().first("Content-Length");
            return response.status() == 200
                    && Long.toString(digests.length()).equals(length)
                    && digests.md5().equals(etag(response));
        }
    }

    private static String etag(ClientResponse response) {
        String etag = response.headers().first("ETag");
        return etag == null ? "" : etag.replace("\"", "");
    }

    /** Stores a file; the store checks its MD5, and ours is compared with the ETag that it answers. */
    void put(String bucket, String key, Path file, FileDigests digests, String acl, String contentType)
            throws IOException {
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
            Headers headers =
                    Headers.of("Content-Type", contentType, "Content-MD5", digests.md5Base64(), "x-amz-acl", acl);
            try (ClientResponse response = api.send(
                    "PUT",
                    path(bucket, key),
                    null,
                    headers,
                    digests.sha256(),
                    new ClientRequest.Content.Stream(source, digests.length()))) {
                if (response.status() != 200) {
                    throw Api.refusal(response).during("cannot store " + bucket + "/" + key);
                }
                // ETags of encrypted objects are no MD5 of theirs.
                String etag = etag(response);
                boolean comparable =
                        etag.length() == 32 && !response.headers().contains("x-amz-server-side-encryption");
                if (comparable && !etag.equals(digests.md5())) {
                    throw new IOException(
                            bucket + "/" + key + " arrived damaged: its ETag is " + etag + ", not " + digests.md5());
                }
            }
        }
    }

    /** A small object's bytes. */
    byte[] get(String bucket, String key, int limitBytes) throws IOException {
        try (ClientResponse response =
                api.send("GET", path(bucket, key), null, Headers.of(), Api.UNSIGNED, ClientRequest.Content.NONE)) {
            if (response.status() != 200) {
                throw Api.refusal(response).during("cannot read " + bucket + "/" + key);
            }
            return response.readAll(limitBytes);
        }
    }

    /** Copies an object's bytes. */
    void get(String bucket, String key, OutputStream target) throws IOException {
        try (ClientResponse response =
                api.send("GET", path(bucket, key), null, Headers.of(), Api.UNSIGNED, ClientRequest.Content.NONE)) {
            if (response.status() != 200) {
                throw Api.refusal(response).during("cannot read " + bucket + "/" + key);
            }
            var block = ByteBuffer.allocate(BLOCK_BYTES);
            while (response.body().read(block) >= 0) {
                target.write(block.array(), 0, block.position());
                block.clear();
            }
        }
    }

    private static String path(String bucket, String key) {
        String encoded = "/" + UriEncoding.encodePath(bucket);
        return key.isEmpty() ? encoded : encoded + "/" + UriEncoding.encodePath(key);
    }

    @Override
    public void close() {
        api.close();
    }
}
