package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where each record of the object store lies in the Kv. All keys begin with "s3" and a letter; numbers are big-endian.
 *
 * <pre>
 * c                                          the counter that numbers every change
 * b name                                     bucket
 * a account(12) name                         the bucket's name, by its owner
 * n account(12)                              how many buckets the account has
 * o bucket(8) key                            object: the current version
 * v bucket(8) key* 00 00 ~version(8)         version that is not current, or delete marker; the newest first
 * w bucket(8) key                            number of the null version, if it lies under `v`
 * d number(8)                                bytes of a small content, behind their CRC32C
 * u bucket(8) key* 00 00 upload(16)          multipart upload in progress
 * r upload(16)                               number of the last change of its parts
 * p upload(16) part(2)                       part, of an upload or of an object made by one
 * t upload(16) page(1)                       which parts an object is made of ({@link PartIndex})
 * e upload(16)                               the object that a completed upload made, for repeated completions
 * l lease(15)                                ids of blobs that may be written without being referred to yet
 * x lease(15)                                such a lease that ran out and was claimed by a sweeper
 * f blob(16)                                 the blob is referred to
 * g time(8) number(8)                        what is to be given back, from a time on ({@link Garbage})
 * m number(8)                                a version to be replicated ({@link Replications})
 * y bucket 00 number(8)                      a version to be replicated to a bucket elsewhere ({@link RemoteQueue})
 * q number(8)                                a letter to be delivered ({@link Outbox})
 * z bucket(8)                                how much the bucket may hold and holds ({@link Quotas})
 * k bucket(8) kind(1) id 00 page(1)          a setting of the bucket ({@link BucketSettings})
 *
 * key* is the key with 00 written as 00 ff, so that 00 00 ends it and order is kept.
 * </pre>
 *
 * <p>Listings read `o` alone, front to back: small bytes, parts and old versions are not in their way. A get is one
 * lookup. Delete markers lie under `v`, current or not, so they do not slow listings either: an object is deleted if it has
 * nothing under `o`, and then the newest under `v`, if there is any, is a delete marker.
 */
final class Keys {
    static final int LEASE_BYTES = 15;
    private static final HexFormat HEX = HexFormat.of();

    private Keys() {}

    static byte[] counter() {
        return key('c', 0).array();
    }

    static byte[] bucket(String name) {
        return text('b', "", name);
    }

    static byte[] owned(String accountId, String name) {
        return text('a', accountId, name);
    }

    static byte[] bucketCount(String accountId) {
        return text('n', accountId, "");
    }

    /** An object; with an empty key what all objects of the bucket begin with. */
    static byte[] object(long bucketId, byte[] key) {
        return key('o', 8 + key.length).putLong(bucketId).put(key).array();
    }

    static byte[] versions(long bucketId) {
        return key('v', 8).putLong(bucketId).array();
    }

    /** What the versions under `v` of all keys with a prefix begin with. */
    static byte[] versions(long bucketId, byte[] prefix) {
        byte[] escaped = escaped(prefix);
        return key('v', 8 + escaped.length).putLong(bucketId).put(escaped).array();
    }

    /** What the versions under `v` of one key begin with. */
    static byte[] versionsOf(long bucketId, byte[] key) {
        byte[] versions = versions(bucketId, key);
        return Arrays.copyOf(versions, versions.length + 2);
    }

    static byte[] version(long bucketId, byte[] key, long number) {
        byte[] escaped = escaped(key);
        return key('v', 8 + escaped.length + 2 + 8)
                .putLong(bucketId)
                .put(escaped)
                .putShort((short) 0)
                .putLong(~number)
                .array();
    }

    /** The object key in the key of a version. */
    static byte[] keyOfVersion(byte[] version) {
        return unescaped(version, version.length - 10);
    }

    /** The object key up to which a bound among versions reaches: the bound may end anywhere. */
    static byte[] keyOfBound(byte[] bound) {
        int end = 3 + 8;
        while (end < bound.length && !(bound[end] == 0 && end + 1 < bound.length && bound[end + 1] == 0)) {
            end += bound[end] == 0 ? 2 : 1;
        }
        return unescaped(bound, Math.min(end, bound.length));
    }

    static byte[] nullVersion(long bucketId, byte[] key) {
        return key('w', 8 + key.length).putLong(bucketId).put(key).array();
    }

    static byte[] small(long number) {
        return key('d', 8).putLong(number).array();
    }

    static byte[] upload(long bucketId, byte[] key, String uploadId) {
        byte[] escaped = escaped(key);
        return key('u', 8 + escaped.length + 2 + 16)
                .putLong(bucketId)
                .put(escaped)
                .putShort((short) 0)
                .put(HEX.parseHex(uploadId))
                .array();
    }

    /** What the uploads of all keys with a prefix begin with. */
    static byte[] uploads(long bucketId, byte[] prefix) {
        byte[] escaped = escaped(prefix);
        return key('u', 8 + escaped.length).putLong(bucketId).put(escaped).array();
    }

    /** What the uploads of one key begin with. */
    static byte[] uploadsOf(long bucketId, byte[] key) {
        byte[] uploads = uploads(bucketId, key);
        return Arrays.copyOf(uploads, uploads.length + 2);
    }

    /** The object key in the key of an upload. */
    static byte[] keyOfUpload(byte[] upload) {
        return unescaped(upload, upload.length - 18);
    }

    private static byte[] unescaped(byte[] bytes, int end) {
        var key = new ByteArrayOutputStream(bytes.length);
        for (int i = 3 + 8; i < end; i++) {
            key.write(bytes[i]);
            if (bytes[i] == 0) {
                i++;
            }
        }
        return key.toByteArray();
    }

    static String uploadIdOf(byte[] upload) {
        return HEX.formatHex(upload, upload.length - 16, upload.length);
    }

    static byte[] revision(String uploadId) {
        return key('r', 16).put(HEX.parseHex(uploadId)).array();
    }

    /** A part; number 0 and 10,001 bound them all. */
    static byte[] part(String uploadId, int number) {
        return key('p', 18).put(HEX.parseHex(uploadId)).putShort((short) number).array();
    }

    static int partNumber(byte[] part) {
        return ByteBuffer.wrap(part).getShort(part.length - 2);
    }

    static byte[] index(String uploadId, int page) {
        return key('t', 17).put(HEX.parseHex(uploadId)).put((byte) page).array();
    }

    static byte[] completed(String uploadId) {
        return key('e', 16).put(HEX.parseHex(uploadId)).array();
    }

    static byte[] lease(String lease) {
        return key('l', LEASE_BYTES).put(HEX.parseHex(lease)).array();
    }

    static byte[] claimed(String lease) {
        return key('x', LEASE_BYTES).put(HEX.parseHex(lease)).array();
    }

    static String leaseOf(byte[] key) {
        return HEX.formatHex(key, 3, key.length);
    }

    static byte[] blob(String blobId) {
        return key('f', 16).put(HEX.parseHex(blobId)).array();
    }

    static byte[] garbage(long timeMillis, long number) {
        return key('g', 16).putLong(timeMillis).putLong(number).array();
    }

    static byte[] letter(long number) {
        return key('q', 8).putLong(number).array();
    }

    static byte[] replication(long number) {
        return key('m', 8).putLong(number).array();
    }

    /** What the tasks for a destination elsewhere begin with; a bucket's name has no zero byte. */
    static byte[] remotes(String destination) {
        return text('y', destination, "\0");
    }

    static byte[] remote(String destination, long number) {
        byte[] all = remotes(destination);
        return ByteBuffer.allocate(all.length + 8).put(all).putLong(number).array();
    }

    static String remoteDestination(byte[] remote) {
        return new String(remote, 3, remote.length - 3 - 1 - 8, UTF_8);
    }

    static long letterNumber(byte[] letter) {
        return ByteBuffer.wrap(letter).getLong(letter.length - 8);
    }

    static byte[] quota(long bucketId) {
        return key('z', 8).putLong(bucketId).array();
    }

    /** What all settings of a bucket begin with. */
    static byte[] settings(long bucketId) {
        return key('k', 8).putLong(bucketId).array();
    }

    /** What a bucket's settings of a kind begin with. */
    static byte[] settings(long bucketId, char kind) {
        return key('k', 9).putLong(bucketId).put((byte) kind).array();
    }

    /** What the pages of a setting begin with; an id has no zero byte. */
    static byte[] setting(long bucketId, char kind, String id) {
        byte[] text = id.getBytes(UTF_8);
        return key('k', 10 + text.length)
                .putLong(bucketId)
                .put((byte) kind)
                .put(text)
                .put((byte) 0)
                .array();
    }

    static byte[] settingPage(byte[] setting, int page) {
        byte[] key = Arrays.copyOf(setting, setting.length + 1);
        key[setting.length] = (byte) page;
        return key;
    }

    static char settingKind(byte[] page) {
        return (char) page[all('k').length + 8];
    }

    static String settingId(byte[] page) {
        int start = all('k').length + 9;
        return new String(page, start, page.length - 2 - start, UTF_8);
    }

    /** What all keys of a kind begin with. */
    static byte[] all(char kind) {
        return key(kind, 0).array();
    }

    /** The first key behind all that begin with the prefix. */
    static byte[] behind(byte[] prefix) {
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (prefix[i] != (byte) 0xff) {
                byte[] next = Arrays.copyOf(prefix, i + 1);
                next[i]++;
                return next;
            }
        }
        throw new IllegalArgumentException("Nothing is behind " + HEX.formatHex(prefix));
    }

    /** The key right behind one. */
    static byte[] next(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    private static byte[] escaped(byte[] key) {
        var escaped = new ByteArrayOutputStream(key.length + 8);
        for (byte b : key) {
            escaped.write(b);
            if (b == 0) {
                escaped.write(0xff);
            }
        }
        return escaped.toByteArray();
    }

    private static byte[] text(char kind, String first, String second) {
        byte[] text = (first + second).getBytes(UTF_8);
        return key(kind, text.length).put(text).array();
    }

    private static ByteBuffer key(char kind, int bytes) {
        return ByteBuffer.allocate(3 + bytes).put((byte) 's').put((byte) '3').put((byte) kind);
    }
}
