package jarrah.images.tiny;

import jarrah.machine.LimitedCommand;
import jarrah.machine.QemuPrograms;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes an ext4 file system from a directory, without mounting it and without root. */
final class Ext4 {
    private static final Duration MAKE = Duration.ofMinutes(5);
    private static final long MEBIBYTE = 1 << 20;

    /** What a user may write before the image is full; it is a hole in the file until then. */
    private static final long FREE_BYTES = 24 * MEBIBYTE;

    /** Named one by one: newer tools add features by default that older kernels and boot loaders refuse. */
    private static final String FEATURES = "none,has_journal,ext_attr,dir_index,filetype,extent,flex_bg,sparse_super,"
            + "large_file,huge_file,extra_isize";

    private Ext4() {}

    static void requirePrograms() throws IOException {
        for (String program : List.of("mkfs.ext4", "debugfs")) {
            if (QemuPrograms.onPath(program).isEmpty() && !Files.isExecutable(Path.of("/usr/sbin", program))) {
                throw new IOException("the tiny image needs " + program + " (package e2fsprogs)");
            }
        }
    }

    /** All of it belongs to root, whoever makes it. */
    static void make(Path tree, Path image) throws IOException, InterruptedException {
        long content = 0;
        for (Path path : FileTree.below(tree)) {
            boolean file = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
            content += file ? (Files.size(path) + 4095) / 4096 * 4096 : 4096;
        }
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((content + FREE_BYTES) / MEBIBYTE * MEBIBYTE);
        }
        new LimitedCommand(
                        List.of(
                                program("mkfs.ext4"),
                                "-q",
                                "-F",
                                "-L",
                                "tiny",
                                "-O",
                                FEATURES,
                                "-E",
                                "root_owner=0:0",
                                "-J",
                                "size=4",
                                "-m",
                                "0",
                                "-d",
                                tree.toString(),
                                image.toString()),
                        MAKE)
                .succeed();
        if (!Integer.valueOf(0).equals(Files.getAttribute(tree, "unix:uid"))) {
            giveToRoot(tree, image);
        }
    }

    /** The tool copies the owners that it sees; where that is not root they are set in the image, inode by inode. */
    private static void giveToRoot(Path tree, Path image) throws IOException, InterruptedException {
        var commands = new StringBuilder();
        for (Path path : FileTree.below(tree)) {
            String name = "\"/" + tree.relativize(path) + "\"";
            commands.append("set_inode_field ").append(name).append(" uid 0\n");
            commands.append("set_inode_field ").append(name).append(" gid 0\n");
        }
        LimitedCommand.Result result = new LimitedCommand(
                        List.of(program("debugfs"), "-w", "-f", "/dev/stdin", image.toString()), MAKE)
                .input(commands.toString())
                .run();
        // Its exit code does not tell of commands that failed; each of those says a line, beside its greeting.
        List<String> complaints = result.errors()
                .lines()
                .filter(line -> !line.startsWith("debugfs "))
                .toList();
        if (result.exitCode() != 0 || !complaints.isEmpty()) {
            throw new IOException("debugfs: " + result.complaint());
        }
    }

    private static String program(String name) {
        return QemuPrograms.onPath(name).map(Path::toString).orElse("/usr/sbin/" + name);
    }
}
