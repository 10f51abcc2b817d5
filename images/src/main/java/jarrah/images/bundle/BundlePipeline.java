package jarrah.images.bundle;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * From tar to parts on all processors.
 *
 * <pre>
 *   caller: reads chunks -+-> digest thread: SHA-1 and CRC-32 of the tar
 *                         +-> workers: deflate, each chunk for itself
 *                         +-> writer thread: takes deflated chunks in order, AES, SHA-1 of the parts, sink
 * </pre>
 *
 * <p>The result is one ordinary gzip member: each chunk is deflated without regard to the one before it and ended on a byte
 * boundary (Z_SYNC_FLUSH), so that the pieces can stand one after the other. That costs less than 1 % of size with chunks
 * of 512 KiB. Both queues are bounded: a slow disk or a slow deflate holds the reader back.
 */
final class BundlePipeline {
    static final int CHUNK_BYTES = 512 * 1024;
    /** Bounds the memory on large machines; a chunk in flight takes about 1 MiB. */
    private static final int MAX_WORKERS = 16;

    private static final long PATIENCE_MILLIS = 100;

    private final BundleSpec spec;
    private final PartSink sink;
    private final Progress progress;
    private final int workers = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_WORKERS);
    private final BlockingQueue<Chunk> toDigest = new ArrayBlockingQueue<>(workers + 2);
    private final BlockingQueue<Future<Deflation.Piece>> toWriter = new ArrayBlockingQueue<>(workers + 2);

    /** A piece of the tar; the empty one is the last. */
    private record Chunk(byte[] bytes, int length) {
        static final Chunk END = new Chunk(new byte[0], 0);
    }

    /**
     * What came of it.
     *
     * @param digest SHA-1 of the tar in hex
     * @param bundledSize bytes of all parts
     * @param parts the parts
     */
    record Result(String digest, long bundledSize, List<Manifest.Part> parts) {}

    private record Sums(String sha1, int crc32, long length) {}

    BundlePipeline(BundleSpec spec, PartSink sink, Progress progress) {
        this.spec = spec;
        this.sink = sink;
        this.progress = progress;
    }

    Result run(TarStream tar) throws IOException {
        ExecutorService deflaters = Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().daemon().name("bundle-deflate-", 0).factory());
        ExecutorService stages = Executors.newFixedThreadPool(
                2, Thread.ofPlatform().daemon().name("bundle-stage-", 0).factory());
        try (deflaters;
                stages;
                var deflation = new Deflation();
                var writer = new PartWriter(sink, spec.partBytes(), spec.keys())) {
            try {
                return run(tar, deflaters, stages, deflation, writer);
            } finally {
                // On failure the stages wait for more; after success nobody is left to interrupt.
                deflaters.shutdownNow();
                stages.shutdownNow();
                stages.awaitTermination(1, TimeUnit.MINUTES);
                deflaters.awaitTermination(1, TimeUnit.MINUTES);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while bundling");
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    private Result run(
            TarStream tar, ExecutorService deflaters, ExecutorService stages, Deflation deflation, PartWriter writer)
            throws IOException, InterruptedException, ExecutionException {
        Future<Sums> sums = stages.submit(this::digest);
        Future<Void> written = stages.submit(() -> write(writer, sums));
        while (true) {
            byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, Math.max(1, tar.totalBytes() - tar.position()))];
            int length = tar.read(bytes);
            if (length == 0) {
                break;
            }
            put(toDigest, new Chunk(bytes, length), sums);
            put(toWriter, deflaters.submit(() -> deflation.deflate(bytes, length)), written);
            progress.at(tar.position(), tar.totalBytes());
        }
        put(toDigest, Chunk.END, sums);
        put(toWriter, deflaters.submit(Deflation::end), written);
        written.get();
        return new Result(sums.get().sha1(), writer.total(), writer.parts(spec.name()));
    }

    /** Waits for room, but not for a consumer that has failed. */
    private static <T> void put(BlockingQueue<T> queue, T item, Future<?> consumer)
            throws InterruptedException, ExecutionException {
        while (!queue.offer(item, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            if (consumer.isDone()) {
                consumer.get();
                throw new IllegalStateException("a stage ended early");
            }
        }
    }

    private Sums digest() throws InterruptedException {
        var sha1 = Sha1.digest();
        var crc32 = new java.util.zip.CRC32();
        long length = 0;
        for (Chunk chunk = toDigest.take(); chunk.length() > 0; chunk = toDigest.take()) {
            sha1.update(chunk.bytes(), 0, chunk.length());
            crc32.update(chunk.bytes(), 0, chunk.length());
            length += chunk.length();
        }
        return new Sums(HexFormat.of().formatHex(sha1.digest()), (int) crc32.getValue(), length);
    }

    private Void write(PartWriter writer, Future<Sums> sums)
            throws IOException, InterruptedException, ExecutionException {
        writer.write(Deflation.GZIP_HEADER, Deflation.GZIP_HEADER.length);
        Deflation.Piece piece;
        do {
            piece = toWriter.take().get();
            writer.write(piece.bytes(), piece.length());
        } while (!piece.last());
        Sums all = sums.get();
        byte[] trailer = Deflation.trailer(all.crc32(), all.length());
        writer.write(trailer, trailer.length);
        writer.finish();
        return null;
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        return switch (cause) {
            case null -> new IOException("bundling failed");
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case ExecutionException e -> rethrown(e.getCause());
            default -> new IOException(cause);
        };
    }
}
