package jarrah.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a machine's directory remembers of it: the file {@code machine.json}.
 *
 * <p>It is written twice at a launch, before the process is started and when it is known; the guest runs only after the
 * second. Each write goes to another name, is synced, and renamed: after a crash there is the old or the new one.
 *
 * @param version of this format: 1
 * @param spec what it is made of, with the disks that are plugged in now
 * @param command how QEMU was started, word by word
 * @param process which process it is; empty until it is known
 */
record MachineRecord(
        int version,
        MachineSpec spec,
        List<String> command,
        MachineSockets sockets,
        Optional<ProcessIdentity> process) {
    static final int VERSION = 1;

    private static final String NAME = "machine.json";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    MachineRecord withProcess(ProcessIdentity identity) {
        return new MachineRecord(version, spec, command, sockets, Optional.of(identity));
    }

    MachineRecord withSpec(MachineSpec changed) {
        return new MachineRecord(version, changed, command, sockets, process);
    }

    /** The record in a directory; empty if there is none. */
    static Optional<MachineRecord> read(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        try {
            MachineRecord read = JSON.readValue(Files.readString(file), MachineRecord.class);
            if (read.version != VERSION) {
                throw new IOException(file + " has version " + read.version + "; this is for version " + VERSION);
            }
            return Optional.of(read);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new IOException(file + " is not readable: " + e.getOriginalMessage(), e);
        }
    }

    void write(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        Path fresh = directory.resolve(NAME + ".new");
        ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(this));
        try (var channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
