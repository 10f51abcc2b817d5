package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * How a running machine opens a file. One that runs as this user opens it by its path. One with a user of its own can enter
 * no directory but its own, which is where it works: there it is lent a name of the file (a hard link) for the moment of
 * opening, and what it is to write is its user's for that moment.
 */
final class Lending {
    /** Names end so: whatever removes a machine's half-made files removes what a crash left of these. */
    private static final String SUFFIX = ".new";

    private final Path home;
    private final OptionalInt user;

    Lending(Path home, OptionalInt user) {
        this.home = home;
        this.user = user;
    }

    /** A disk's file and, below it, those that it is an overlay on, as the machine can name them now. */
    record Loan(List<DiskDevice.Layer> layers, List<Path> links, List<Path> lent) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            for (Path link : links) {
                Files.deleteIfExists(link);
            }
            for (Path file : lent) {
                own(file, 0);
            }
        }
    }

    /** The machine's directory, open to its user as far as names are known there; all else is closed to it. */
    static void open(Path home) throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Lends a disk until the machine has opened it. */
    Loan lend(MachineSpec.Disk disk) throws IOException {
        if (user.isEmpty()) {
            var layer = new DiskDevice.Layer(disk.file().toAbsolutePath().toString(), disk.format());
            return new Loan(List.of(layer), List.of(), List.of());
        }
        var loan = new Loan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try {
            Path file = disk.file().toAbsolutePath();
            MachineSpec.DiskFormat format = disk.format();
            boolean writable = !disk.readOnly();
            while (true) {
                loan.layers.add(new DiskDevice.Layer(link(loan, disk.serial(), file, writable), format));
                var below = format == MachineSpec.DiskFormat.QCOW2
                        ? Qcow2Header.backingOf(file)
                        : java.util.Optional.<Qcow2Header.Backing>empty();
                if (below.isEmpty()) {
                    return loan;
                }
                file = below.get().file();
                format = below.get().format();
                writable = false;
            }
        } catch (IOException | RuntimeException e) {
            loan.close();
            throw e;
        }
    }

    private String link(Loan loan, String serial, Path file, boolean writable) throws IOException {
        Path link = home.resolve("disk-" + serial + "." + loan.links.size() + SUFFIX);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "No such file");
        }
        Files.deleteIfExists(link);
        Files.createLink(link, file);
        loan.links.add(link);
        if (writable) {
            own(file, user.getAsInt());
            loan.lent.add(file);
        } else {
            // Who can enter no directory on the way gains nothing by that.
            var permissions = Files.getPosixFilePermissions(file);
            permissions.add(PosixFilePermission.OTHERS_READ);
            Files.setPosixFilePermissions(file, permissions);
        }
        return link.getFileName().toString();
    }

    /**
     * Where the machine can write a new file that is to become another.
     *
     * @param file where it is to be in the end
     * @param name of the file meanwhile, if it has to be elsewhere
     */
    Path draft(Path file, String name) {
        return user.isEmpty() ? file : home.resolve(name + SUFFIX);
    }

    /** What the machine calls a file that is its own or lies in its directory. */
    String name(Path file) {
        return user.isEmpty()
                ? file.toAbsolutePath().toString()
                : file.getFileName().toString();
    }

    /** Lets the machine open a draft for writing, or no more. What it has opened it keeps. */
    void writable(Path draft, boolean open) throws IOException {
        if (user.isPresent()) {
            own(draft, open ? user.getAsInt() : 0);
        }
    }

    /** Removes drafts that a former process of ours had begun. */
    void dropDrafts(String prefix) throws IOException {
        try (var left = Files.newDirectoryStream(home, prefix + "*" + SUFFIX)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void own(Path file, int user) throws IOException {
        Files.setAttribute(file, "unix:uid", user);
        Files.setAttribute(file, "unix:gid", user);
    }
}
