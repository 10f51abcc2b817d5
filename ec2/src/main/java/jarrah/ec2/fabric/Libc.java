package jarrah.ec2.fabric;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls that the JDK has no door to. Constants are those of Linux on x86-64 and AArch64. */
final class Libc {
    static final int EAGAIN = 11;
    static final int EINTR = 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO_FIELD =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final ValueLayout INT = ValueLayout.JAVA_INT;
    private static final ValueLayout LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;

    private static final MethodHandle OPEN = variadic("open", 2, INT, POINTER, INT);
    private static final MethodHandle CLOSE = call("close", INT, INT);
    private static final MethodHandle SETNS = call("setns", INT, INT, INT);
    private static final MethodHandle SOCKET = call("socket", INT, INT, INT, INT);
    private static final MethodHandle BIND = call("bind", INT, INT, POINTER, INT);
    private static final MethodHandle SETSOCKOPT = call("setsockopt", INT, INT, INT, INT, POINTER, INT);
    private static final MethodHandle RECVMSG = call("recvmsg", LONG, INT, POINTER, INT);
    private static final MethodHandle SENDMSG = call("sendmsg", LONG, INT, POINTER, INT);
    private static final MethodHandle IOCTL = variadic("ioctl", 2, INT, INT, LONG, POINTER);

    private Libc() {}

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments), ERRNO);
    }

    private static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        var descriptor = FunctionDescriptor.of(result, arguments);
        var symbol = LINKER.defaultLookup().findOrThrow(name);
        return arguments.length == fixed
                ? LINKER.downcallHandle(symbol, descriptor, ERRNO)
                : LINKER.downcallHandle(symbol, descriptor, ERRNO, Linker.Option.firstVariadicArg(fixed));
    }

    /** A system call that failed. */
    static final class Failure extends IOException {
        private final int errno;

        Failure(String call, int errno) {
            super(call + " failed with errno " + errno);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }

    /** Calls, and turns a negative answer into a {@link Failure}. */
    private static long checked(String name, Arena arena, MethodHandle handle, Object... arguments) throws IOException {
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        var all = new Object[arguments.length + 1];
        all[0] = state;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        long result;
        try {
            result = ((Number) handle.invokeWithArguments(all)).longValue();
        } catch (Throwable e) {
            throw new IOException(name + " cannot be called", e);
        }
        if (result < 0) {
            throw new Failure(name, (int) ERRNO_FIELD.get(state, 0L));
        }
        return result;
    }

    /** Opens a file; O_CLOEXEC is added. */
    static int open(String path, int flags) throws IOException {
        int closeOnExec = 0x80000;
        try (var arena = Arena.ofConfined()) {
            return (int) checked("open " + path, arena, OPEN, arena.allocateFrom(path), flags | closeOnExec);
        }
    }

    static void close(int fd) {
        try (var arena = Arena.ofConfined()) {
            checked("close", arena, CLOSE, fd);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Moves the calling thread into the network namespace of that descriptor. */
    static void setNetworkNamespace(int fd) throws IOException {
        int cloneNewNet = 0x40000000;
        try (var arena = Arena.ofConfined()) {
            checked("setns", arena, SETNS, fd, cloneNewNet);
        }
    }

    /** A UDP socket, closed on exec. */
    static int udpSocket() throws IOException {
        int inet = 2;
        int datagramCloseOnExec = 2 | 0x80000;
        try (var arena = Arena.ofConfined()) {
            return (int) checked("socket", arena, SOCKET, inet, datagramCloseOnExec, 0);
        }
    }

    static void bind(int fd, MemorySegment address) throws IOException {
        try (var arena = Arena.ofConfined()) {
            checked("bind", arena, BIND, fd, address, (int) address.byteSize());
        }
    }

    static void setOption(int fd, int level, int option, MemorySegment value) throws IOException {
        try (var arena = Arena.ofConfined()) {
            checked("setsockopt", arena, SETSOCKOPT, fd, level, option, value, (int) value.byteSize());
        }
    }

    static int receive(int fd, MemorySegment message) throws IOException {
        try (var arena = Arena.ofConfined()) {
            return (int) checked("recvmsg", arena, RECVMSG, fd, message, 0);
        }
    }

    static void send(int fd, MemorySegment message) throws IOException {
        int noSignal = 0x4000;
        try (var arena = Arena.ofConfined()) {
            checked("sendmsg", arena, SENDMSG, fd, message, noSignal);
        }
    }

    static void ioctl(int fd, long request, MemorySegment argument) throws IOException {
        try (var arena = Arena.ofConfined()) {
            checked("ioctl", arena, IOCTL, fd, request, argument);
        }
    }
}
