package jarrah.machine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Gives back what the file system holds for nothing: ranges that were reserved but never written.
 *
 * <p>QEMU's backup job asks for zeroes by {@code FALLOC_FL_ZERO_RANGE} (7.2, and without leave to unmap), which reserves
 * the blocks: the copy of an empty disk took the whole disk's room. The kernel shows such ranges as holes to
 * {@code SEEK_DATA}, so that no data need be read to find them. The JDK has neither call; they are called by
 * {@link java.lang.foreign}.
 */
final class Holes {
    private static final int O_RDWR = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int KEEP_SIZE_AND_PUNCH_HOLE = 1 | 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SEEK = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("lseek"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle ALLOCATE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("fallocate"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));
    private static final MethodHandle CLOSE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Holes() {}

    /**
     * Frees every range that reads as a hole. Where the file system knows no holes nothing happens.
     *
     * @param bytes the file's size
     */
    static void free(Path file, long bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toAbsolutePath().toString());
            int descriptor = (int) OPEN.invokeExact(name, O_RDWR);
            if (descriptor < 0) {
                throw new IOException("cannot open " + file);
            }
            try {
                free(descriptor, bytes);
            } finally {
                int _ = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a C function throws nothing", e);
        }
    }

    private static void free(int descriptor, long bytes) throws Throwable {
        long at = 0;
        while (at < bytes) {
            long hole = (long) SEEK.invokeExact(descriptor, at, SEEK_HOLE);
            if (hole < 0 || hole >= bytes) {
                return; // data up to the end, where there is always a hole
            }
            long data = (long) SEEK.invokeExact(descriptor, hole, SEEK_DATA);
            long end = data < 0 ? bytes : data; // no data after it: ENXIO
            int done = (int) ALLOCATE.invokeExact(descriptor, KEEP_SIZE_AND_PUNCH_HOLE, hole, end - hole);
            if (done != 0) {
                return;
            }
            at = end;
        }
    }
}
