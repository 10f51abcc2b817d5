package jarrah.s3.remote;

import jarrah.aws.AwsTime;
import jarrah.aws.UriEncoding;
import jarrah.aws.XmlWriter;
import jarrah.http.ClientRequest.Content;
import jarrah.http.Headers;
import jarrah.s3.remote.RemoteBucket.Answer;
import jarrah.s3.remote.RemoteUpload.Done;
import jarrah.s3.remote.RemoteUpload.There;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.Checksum;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Limits;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.Part;
import jarrah.s3.store.RemoteQueue.Begun;
import jarrah.s3.store.RemoteQueue.RemoteTask;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Makes replicas at other endpoints by what every S3 has: PutObject, multipart uploads, DeleteObject, PutObjectTagging and
 * the object lock's operations. Each may be repeated, after a crash too: what an earlier attempt made is found and left.
 */
public final class RemoteCopies {
    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
    /** Parts of what was put as one and is too large to be sent so. */
    private static final long PIECE_BYTES = 512L << 20;
    /** How far the destination's clock may be behind. */
    private static final Duration SKEW = Duration.ofMinutes(15);

    private static final int PAGE = 1_000;

    private final S3Store store;
    private final Clock clock;
    private final long maxPutBytes;
    private final long pieceBytes;

    public RemoteCopies(S3Store store, Clock clock) {
        this(store, clock, Limits.MAX_PUT_BYTES, PIECE_BYTES);
    }

    /**
     * Copies with other bounds, for tests that have no 5 GiB.
     *
     * @param maxPutBytes what was put as one is sent as one up to this size
     * @param pieceBytes of the parts that it is sent in otherwise
     */
    public RemoteCopies(S3Store store, Clock clock, long maxPutBytes, long pieceBytes) {
        this.store = store;
        this.clock = clock;
        this.maxPutBytes = maxPutBytes;
        this.pieceBytes = pieceBytes;
    }

    /** Bytes that are sent in one request, e.g. as a part. */
    private record Piece(int number, long offset, long size, Optional<String> md5, Optional<Checksum> checksum) {}

    /**
     * Makes the replica, or gives the one that is there the tags and the lock of its source.
     *
     * @param doubtful whether an earlier attempt may have got as far as to make it
     * @return what the destination calls the version; empty if it does not say, or has had it before we had
     * @throws RemoteException if it cannot be made, or not now
     */
    public Optional<String> replicate(
            RemoteBucket to, RemoteTask task, StoredObject version, Replication.Rule rule, boolean doubtful)
            throws RemoteException {
        Optional<String> known =
                version.replication().map(there -> there.remotes().get(to.name()));
        if (version.deleteMarker()) {
            return known.isPresent() ? known : delete(to, version.key());
        }
        if (known.isPresent()) {
            follow(to, version, known.get());
            return known;
        }
        if (version.encryption().map(Encryption::kind).equals(Optional.of(Encryption.Kind.CUSTOMER))) {
            throw RemoteException.refused("it is sealed with a client's key, which alone opens it");
        }
        if (isFromThere(to, version)) {
            return Optional.empty();
        }
        if (doubtful) {
            Answer head = head(to, version.key(), null);
            if (head.isGood() && isReplica(head, version)) {
                return head.version();
            }
        }
        boolean lock = version.lock().isSet() && hasObjectLock(to);
        Headers headers = RemoteHeaders.of(version, rule, lock, clock.instant());
        try (ObjectReader reader = store.objects().open(task.task().bucket(), version.key(), version.version())) {
            reader.unlock(Optional.empty());
            return version.parts() > 0 || version.size() > maxPutBytes
                    ? upload(to, task, reader, headers)
                    : put(to, reader, headers);
        }
    }

    private static Answer head(RemoteBucket to, String key, @org.jspecify.annotations.Nullable String version)
            throws RemoteException {
        String query = version == null ? null : "versionId=" + UriEncoding.encode(version);
        Answer answer = to.ask("HEAD", key, query, Headers.of(), Content.NONE);
        boolean known = answer.isGood() || answer.status() == 404 || answer.status() == 405 || answer.status() == 400;
        if (!known) {
            throw to.refusal(answer, "HEAD", query);
        }
        return answer;
    }

    /** Whether the version came from the destination in the first place: endpoints that replicate to each other. */
    private static boolean isFromThere(RemoteBucket to, StoredObject version) throws RemoteException {
        String mark = version.metadata().user().get(RemoteHeaders.MARK);
        return mark != null && head(to, version.key(), mark).isGood();
    }

    private static boolean isReplica(Answer head, StoredObject version) {
        String mark = "x-amz-meta-" + RemoteHeaders.MARK;
        return head.header(mark).equals(Optional.of(RemoteHeaders.mark(version)))
                && head.header("Content-Length").equals(Optional.of(Long.toString(version.size())));
    }

    // A key that has a delete marker in front gets no second one: so a repeated attempt makes none, and endpoints that
    // replicate to each other come to an end.
    private static Optional<String> delete(RemoteBucket to, String key) throws RemoteException {
        Answer head = head(to, key, null);
        if (head.header("x-amz-delete-marker").equals(Optional.of("true"))) {
            return head.version();
        }
        return to.good("DELETE", key, null, Headers.of(), Content.NONE).version();
    }

    /** Puts the tags, and the lock where there is one, on a replica that is there. */
    private void follow(RemoteBucket to, StoredObject version, String remote) throws RemoteException {
        String named = "&versionId=" + UriEncoding.encode(remote);
        if (version.tags().isEmpty()) {
            to.good("DELETE", version.key(), "tagging" + named, Headers.of(), Content.NONE);
        } else {
            var xml = new XmlWriter("Tagging").start("TagSet");
            version.tags()
                    .forEach((name, value) -> xml.start("Tag")
                            .text("Key", name)
                            .text("Value", value)
                            .end());
            put(to, version.key(), "tagging" + named, xml.end().bytes());
        }
        if (version.lock().isSet() && hasObjectLock(to)) {
            lock(to, version.key(), named, version.lock());
        }
    }

    private void lock(RemoteBucket to, String key, String named, ObjectLock lock) throws RemoteException {
        if (lock.retention().isPresent() && lock.retention().get().until().isAfter(clock.instant())) {
            var xml = new XmlWriter("Retention")
                    .text("Mode", lock.retention().get().mode().name())
                    .text("RetainUntilDate", AwsTime.iso(lock.retention().get().until()));
            put(to, key, "retention" + named, xml.bytes());
        }
        if (lock.legalHold().isPresent()) {
            var xml = new XmlWriter("LegalHold").text("Status", lock.legalHold().get() ? "ON" : "OFF");
            put(to, key, "legal-hold" + named, xml.bytes());
        }
    }

    private static void put(RemoteBucket to, String key, String query, byte[] document) throws RemoteException {
        Headers headers = Headers.of("Content-MD5", base64(md5().digest(document)));
        to.good("PUT", key, query, headers, new Content.Bytes(document));
    }

    private static boolean hasObjectLock(RemoteBucket to) throws RemoteException {
        Answer answer = to.ask("GET", null, "object-lock", Headers.of(), Content.NONE);
        if (answer.status() == 404 || answer.status() == 501) {
            return false;
        }
        if (!answer.isGood()) {
            throw to.refusal(answer, "GET", "object-lock");
        }
        return "Enabled".equals(answer.xml().childText("ObjectLockEnabled"));
    }

    private Optional<String> put(RemoteBucket to, ObjectReader reader, Headers headers) throws RemoteException {
        StoredObject version = reader.object();
        var whole = new Piece(1, 0, version.size(), md5(version.etag(), version.encryption()), version.checksum());
        headers.set("Content-MD5", md5(reader, whole));
        version.checksum().ifPresent(sum -> RemoteHeaders.checksum(headers, sum));
        return to.good("PUT", version.key(), null, headers, content(reader, whole))
                .version();
    }

    private Optional<String> upload(RemoteBucket to, RemoteTask task, ObjectReader reader, Headers headers)
            throws RemoteException {
        StoredObject version = reader.object();
        var upload = new RemoteUpload(to, version.key());
        List<Piece> pieces = pieces(reader);
        // The parts' checksums are there only where the object was made of parts.
        Optional<Checksum> checksum = version.parts() > 0 ? version.checksum() : Optional.empty();
        String id = "";
        Map<Integer, There> there = null;
        switch (task.upload()) {
            case Begun.Not() -> {}
            case Begun.Unknown() -> upload.abortEmpty(version.lastModified().minus(SKEW));
            case Begun.Upload(String begun) -> {
                id = begun;
                there = upload.parts(begun);
            }
        }
        if (there == null) {
            checksum.ifPresent(sum -> headers.set(
                            "x-amz-checksum-algorithm", sum.algorithm().name())
                    .set("x-amz-checksum-type", sum.type().name()));
            store.remoteQueue().note(task, new Begun.Unknown());
            id = upload.begin(headers);
            store.remoteQueue().note(task, new Begun.Upload(id));
            there = Map.of();
        }
        var done = new ArrayList<Done>(pieces.size());
        for (Piece piece : pieces) {
            Optional<Checksum> sum = checksum.isPresent() ? piece.checksum() : Optional.empty();
            done.add(new Done(piece.number(), part(upload, id, reader, piece, there, sum), sum));
        }
        Headers whole = Headers.of();
        checksum.filter(sum -> sum.type() == Checksum.Type.FULL_OBJECT).ifPresent(sum -> {
            RemoteHeaders.checksum(whole, sum);
            whole.set("x-amz-checksum-type", sum.type().name());
        });
        return upload.complete(id, done, whole).version();
    }

    private String part(
            RemoteUpload upload,
            String id,
            ObjectReader reader,
            Piece piece,
            Map<Integer, There> there,
            Optional<Checksum> checksum)
            throws RemoteException {
        String md5 = md5(reader, piece);
        String hex = HexFormat.of().formatHex(Base64.getDecoder().decode(md5));
        if (new There(piece.size(), hex).equals(there.get(piece.number()))) {
            return hex;
        }
        Headers headers = Headers.of("Content-MD5", md5);
        checksum.ifPresent(sum -> RemoteHeaders.checksum(headers, sum));
        return upload.put(id, piece.number(), headers, content(reader, piece));
    }

    private List<Piece> pieces(ObjectReader reader) {
        StoredObject version = reader.object();
        var pieces = new ArrayList<Piece>();
        if (version.parts() == 0) {
            long size = Math.max(pieceBytes, (version.size() + Limits.MAX_PARTS - 1) / Limits.MAX_PARTS);
            for (long at = 0; at < version.size(); at += size) {
                long count = Math.min(size, version.size() - at);
                pieces.add(new Piece(pieces.size() + 1, at, count, Optional.empty(), Optional.empty()));
            }
            return pieces;
        }
        long at = 0;
        int after = 0;
        List<Part> page;
        do {
            page = store.objects().parts(reader, after, PAGE);
            for (Part part : page) {
                pieces.add(new Piece(
                        part.number(), at, part.size(), md5(part.etag(), part.encryption()), part.checksum()));
                at += part.size();
                after = part.number();
            }
        } while (page.size() == PAGE);
        return pieces;
    }

    private static Content content(ObjectReader reader, Piece piece) {
        return piece.size() == 0
                ? new Content.Bytes(new byte[0])
                : new Content.Stream(new ObjectSlices(reader, piece.offset(), piece.size()), piece.size());
    }

    /** The MD5 that an ETag is; empty where it is another thing. */
    private static Optional<String> md5(String etag, Optional<Encryption> encryption) {
        boolean plain = encryption.isEmpty() || encryption.get().kind() == Encryption.Kind.S3;
        return Optional.of(etag).filter(tag -> plain && MD5.matcher(tag).matches());
    }

    /** The Content-MD5 of a piece; where no ETag tells it, its bytes are read once more. */
    private static String md5(ObjectReader reader, Piece piece) throws RemoteException {
        if (piece.md5().isPresent()) {
            return base64(HexFormat.of().parseHex(piece.md5().get()));
        }
        MessageDigest digest = md5();
        var slices = new ObjectSlices(reader, piece.offset(), piece.size());
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try {
            while (slices.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        } catch (IOException failed) {
            throw RemoteException.broken("the source cannot be read: " + failed.getMessage(), failed);
        }
        return base64(digest.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Gives up what a task has begun at the destination and will not end. */
    public void abandon(RemoteBucket to, RemoteTask task) throws RemoteException {
        var upload = new RemoteUpload(to, task.task().key());
        switch (task.upload()) {
            case Begun.Not() -> {}
            case Begun.Unknown() -> upload.abortEmpty(task.task().written().minus(SKEW));
            case Begun.Upload(String id) -> upload.abort(id);
        }
    }
}
