package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.UriEncoding;
import jarrah.aws.XmlWriter;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Limits;
import jarrah.s3.store.Listing;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.VersionId;
import jarrah.s3.store.VersionListing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** ListObjects, ListObjectsV2, ListObjectVersions. */
final class Listings {
    /** Bytes of an object with a checksum, an owner and a key of some fifty bytes. */
    private static final int USUAL_ENTRY = 512;

    private final S3Store store;
    private final Access access;
    private final Accounts accounts;

    Listings(S3Store store, Access access, Accounts accounts) {
        this.store = store;
        this.access = access;
        this.accounts = accounts;
    }

    /** Writes keys as the client asked to have them: XML cannot carry every character. */
    private record Encoding(boolean url) {
        /** All that XML carries and decoding leaves alone. */
        private static final Pattern PLAIN = Pattern.compile("[\\t\\n\\x20-\\x7e&&[^%+]]*");

        static Encoding of(S3Request request) {
            String type = request.query().get("encoding-type");
            if (type != null && !type.equals("url")) {
                throw new S3WireException.InvalidArgument(
                        "Invalid Encoding Method specified in Request", "encoding-type", type);
            }
            return new Encoding(type != null);
        }

        String of(String key) {
            return url ? UriEncoding.encodePath(key) : key;
        }

        /**
         * The prefix of a first-version listing: botocore asks for encoding and decodes everything there but this. What stays
         * itself in decoding is left as it is, so that a client which decodes and one which does not read the same.
         */
        String lightly(String prefix) {
            return PLAIN.matcher(prefix).matches() ? prefix : of(prefix);
        }
    }

    void listObjects(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ);
        Encoding encoding = Encoding.of(request);
        String marker = request.query().get("marker", "");
        Listing.Query query = query(request, marker);
        Listing page = store.objects().list(query);
        var xml = begin("ListBucketResult", bucket, query, encoding, encoding.lightly(query.prefix()));
        xml.text("Marker", encoding.of(marker));
        // AWS tells the next marker only where a delimiter makes it differ from the last key.
        if (page.next().isPresent() && !query.delimiter().isEmpty()) {
            xml.text("NextMarker", encoding.of(page.next().get()));
        }
        xml.text("MaxKeys", maxKeys(request)).text("IsTruncated", page.next().isPresent());
        contents(xml, page, encoding, true);
        request.answer(xml);
    }

    void listObjectsV2(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ);
        Encoding encoding = Encoding.of(request);
        String token = request.query().get("continuation-token");
        String startAfter = request.query().get("start-after", "");
        Listing.Query query = query(request, token == null || token.isEmpty() ? startAfter : unpack(token));
        Listing page = store.objects().list(query);
        var xml = begin("ListBucketResult", bucket, query, encoding, encoding.of(query.prefix()));
        xml.text("KeyCount", page.objects().size() + page.commonPrefixes().size());
        xml.text("MaxKeys", maxKeys(request)).text("IsTruncated", page.next().isPresent());
        if (token != null) {
            xml.text("ContinuationToken", token);
        }
        if (!startAfter.isEmpty()) {
            xml.text("StartAfter", encoding.of(startAfter));
        }
        page.next().ifPresent(next -> xml.text("NextContinuationToken", pack(next)));
        contents(xml, page, encoding, request.query().get("fetch-owner", "").equals("true"));
        request.answer(xml);
    }

    void listObjectVersions(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ);
        Encoding encoding = Encoding.of(request);
        String marker = request.query().get("key-marker", "");
        String versionMarker = request.query().get("version-id-marker", "");
        Listing.Query query = query(request, marker);
        VersionListing page = store.objects()
                .listVersions(new VersionListing.Query(
                        query.bucket(),
                        query.prefix(),
                        query.delimiter(),
                        marker,
                        versionMarker(marker, versionMarker),
                        query.limit()));
        var xml = begin("ListVersionsResult", bucket, query, encoding, encoding.of(query.prefix()));
        xml.text("KeyMarker", encoding.of(marker)).text("VersionIdMarker", versionMarker);
        page.nextKey().ifPresent(next -> xml.text("NextKeyMarker", encoding.of(next)));
        page.nextVersion().ifPresent(next -> xml.text("NextVersionIdMarker", next.text()));
        xml.text("MaxKeys", maxKeys(request)).text("IsTruncated", page.nextKey().isPresent());
        for (VersionListing.Listed listed : page.versions()) {
            version(xml, listed, encoding);
        }
        prefixes(xml, page.commonPrefixes(), encoding);
        request.answer(xml);
    }

    private static Optional<VersionId> versionMarker(String keyMarker, String versionMarker) {
        if (versionMarker.isEmpty()) {
            return Optional.empty();
        }
        if (keyMarker.isEmpty()) {
            throw new S3WireException.InvalidArgument(
                    "A version-id marker cannot be specified without a key marker.",
                    "version-id-marker",
                    versionMarker);
        }
        return Optional.of(Versions.parse(versionMarker, "version-id-marker"));
    }

    private void version(XmlWriter xml, VersionListing.Listed listed, Encoding encoding) {
        StoredObject version = listed.version();
        xml.start(version.deleteMarker() ? "DeleteMarker" : "Version")
                .text("Key", encoding.of(version.key()))
                .text("VersionId", version.version().text())
                .text("IsLatest", listed.isLatest());
        if (version.deleteMarker()) {
            xml.text("LastModified", AwsTime.iso(version.lastModified()));
        } else {
            details(xml, version);
        }
        owner(xml, version);
        xml.end();
    }

    private static Listing.Query query(S3Request request, String after) {
        // Ceph's extension, given in order like everything here: what it excludes is refused as there.
        if (request.query().get("allow-unordered", "").equals("true")
                && request.query().has("delimiter")) {
            throw new S3WireException.InvalidArgument(
                    "An unordered listing has no delimiter", "allow-unordered", "true");
        }
        return new Listing.Query(
                request.bucket(),
                request.query().get("prefix", ""),
                request.query().get("delimiter", ""),
                after,
                Math.min(maxKeys(request), Limits.MAX_PAGE));
    }

    private static int maxKeys(S3Request request) {
        return Math.min(request.query().number("max-keys", Limits.MAX_PAGE, Integer.MAX_VALUE), Limits.MAX_PAGE);
    }

    private static XmlWriter begin(String root, Bucket bucket, Listing.Query query, Encoding encoding, String prefix) {
        var xml = new XmlWriter(root, S3Request.NAMESPACE)
                .text("Name", bucket.name())
                .text("Prefix", prefix);
        if (!query.delimiter().isEmpty()) {
            xml.text("Delimiter", encoding.of(query.delimiter()));
        }
        if (encoding.url()) {
            xml.text("EncodingType", "url");
        }
        return xml;
    }

    private void contents(XmlWriter xml, Listing page, Encoding encoding, boolean withOwner) {
        xml.expecting(page.objects().size() * USUAL_ENTRY);
        for (StoredObject object : page.objects()) {
            xml.start("Contents").text("Key", encoding.of(object.key()));
            details(xml, object);
            if (withOwner) {
                owner(xml, object);
            }
            xml.end();
        }
        prefixes(xml, page.commonPrefixes(), encoding);
    }

    private static void details(XmlWriter xml, StoredObject object) {
        xml.text("LastModified", AwsTime.iso(object.lastModified())).text("ETag", "\"" + object.etag() + "\"");
        object.checksum()
                .ifPresent(checksum -> xml.text(
                                "ChecksumAlgorithm", checksum.algorithm().name())
                        .text("ChecksumType", checksum.type().name()));
        xml.text("Size", object.size()).text("StorageClass", object.metadata().storageClass());
    }

    private void owner(XmlWriter xml, StoredObject object) {
        xml.start("Owner").text("ID", object.acl().ownerId());
        Account account = accounts.findCanonical(object.acl().ownerId());
        if (account != null) {
            xml.text("DisplayName", account.name());
        }
        xml.end();
    }

    private static void prefixes(XmlWriter xml, List<String> prefixes, Encoding encoding) {
        for (String prefix : prefixes) {
            xml.start("CommonPrefixes").text("Prefix", encoding.of(prefix)).end();
        }
    }

    /** Version one of the token: the key to go on after. */
    private static String pack(String after) {
        return "1" + Base64.getUrlEncoder().withoutPadding().encodeToString(after.getBytes(StandardCharsets.UTF_8));
    }

    private static String unpack(String token) {
        try {
            if (token.startsWith("1")) {
                return new String(Base64.getUrlDecoder().decode(token.substring(1)), StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException e) {
            throw badToken(token);
        }
        throw badToken(token);
    }

    private static S3WireException badToken(String token) {
        return new S3WireException.InvalidArgument(
                "The continuation token provided is incorrect", "continuation-token", token);
    }
}
