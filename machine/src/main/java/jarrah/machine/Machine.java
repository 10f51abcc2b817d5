package jarrah.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** A machine that was launched or adopted. All methods are safe from any thread; closing lets go and leaves it running. */
public interface Machine extends AutoCloseable {
    /** How a machine came to its end. */
    enum Ending {
        /**
         * The guest powered itself off, or answered the power button. The process stays until {@link #quit}, so that an
         * adoption sees this ending too.
         */
        GUEST_SHUTDOWN,
        /** {@link #quit} was called while the guest ran. */
        QUIT,
        /** QEMU ended without saying why: killed, crashed, or the host went down. */
        DIED
    }

    /** What it is made of, with the disks that are plugged in now. */
    MachineSpec spec();

    /** QEMU's process. */
    long pid();

    /** Whether the process is there and its guest has not shut down; false at once after either. */
    boolean running();

    /** Presses the power button; the guest may take its time, or ignore it. */
    void powerDown() throws IOException;

    /** Presses the reset button: the same machine boots anew. */
    void reset() throws IOException;

    /** Ends QEMU at once, whether its guest runs or has shut down, by QMP and, if that is not answered, by a signal to the process that is known to be it. */
    void quit() throws IOException;

    /** Waits for the end; whether it came in time. */
    boolean awaitEnd(Duration atMost) throws InterruptedException;

    /** Calls the listener once, from a thread of the machine's own, when it has ended; at once if it has. */
    void onEnd(Consumer<Ending> listener);

    /** The last bytes of the serial console's log, at most so many. */
    byte[] console(int atMostBytes) throws IOException;

    /** Plugs a disk into the running machine; answers when QEMU has it. */
    void attach(MachineSpec.Disk disk) throws IOException;

    /** Unplugs a disk; answers when the guest let go of it, or fails after the deadline with the disk still attached. */
    void detach(String serial, Duration atMost) throws IOException, InterruptedException;

    /**
     * Copies a disk as it is at this moment into a new sparse raw file while the guest goes on (crash-consistent).
     *
     * @throws IOException if it fails; the file is removed
     */
    void copyDisk(String serial, Path rawFile) throws IOException, InterruptedException;

    /** Lets go of the machine: connections are closed, the process stays. */
    @Override
    void close();
}
