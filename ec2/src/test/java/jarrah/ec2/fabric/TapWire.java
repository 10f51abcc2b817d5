package jarrah.ec2.fabric;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Holds the far ends of two taps and carries frames between them, as QEMU and a guest's driver would: so a namespace can
 * play a guest.
 */
final class TapWire implements AutoCloseable {
    private static final long TUNSETIFF = 0x400454caL;
    private static final short TAP_WITHOUT_HEADER = 0x1002;
    private static final MethodHandle READ = handle("read");
    private static final MethodHandle WRITE = handle("write");
    private static final MethodHandle POLL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("poll"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private final int[] ends;
    private final Thread thread;
    private volatile boolean closing;

    private TapWire(int[] ends) {
        this.ends = ends;
        thread = Thread.ofPlatform().name("tap wire").daemon().start(this::carry);
    }

    static TapWire between(NetworkNamespace one, String device, NetworkNamespace other, String otherDevice)
            throws IOException {
        return new TapWire(new int[] {one.call(() -> attach(device)), other.call(() -> attach(otherDevice))});
    }

    private static MethodHandle handle(String name) {
        return Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow(name),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    }

    private static int attach(String device) throws IOException {
        int readWrite = 2;
        int fd = Libc.open("/dev/net/tun", readWrite);
        try (var arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(40, 8);
            request.setString(0, device);
            request.set(JAVA_SHORT, 16, TAP_WITHOUT_HEADER);
            Libc.ioctl(fd, TUNSETIFF, request);
        }
        return fd;
    }

    private void carry() {
        try (var arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(16, 8);
            MemorySegment frame = arena.allocate(65_536, 8);
            for (int i = 0; i < 2; i++) {
                polled.set(JAVA_INT, 8L * i, ends[i]);
                polled.set(JAVA_SHORT, 8L * i + 4, (short) 1);
            }
            while (!closing) {
                int ready = (int) POLL.invokeExact(polled, 2L, 100);
                for (int i = 0; i < 2 && ready > 0; i++) {
                    if ((polled.get(JAVA_SHORT, 8L * i + 6) & 1) != 0) {
                        long length = (long) READ.invokeExact(ends[i], frame, frame.byteSize());
                        if (length > 0) {
                            long _ = (long) WRITE.invokeExact(ends[1 - i], frame, length);
                        }
                    }
                }
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        } finally {
            Libc.close(ends[0]);
            Libc.close(ends[1]);
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
