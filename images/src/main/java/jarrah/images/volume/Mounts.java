package jarrah.images.volume;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is mounted, from {@code /proc/self/mountinfo} (proc(5)). */
final class Mounts {
    /** File systems whose files lie on a disk, here or elsewhere; all others are the kernel's own. */
    private static final Set<String> WITH_FILES = Set.of(
            "ext2",
            "ext3",
            "ext4",
            "xfs",
            "jfs",
            "btrfs",
            "reiserfs",
            "f2fs",
            "vfat",
            "nfs",
            "nfs4",
            "cifs",
            "overlay",
            "9p",
            "virtiofs",
            "fuseblk");

    private final List<Mount> mounts;

    /** Something mounted: where, what kind of file system, and from which device. */
    record Mount(Path point, String type, String source) {}

    private Mounts(List<Mount> mounts) {
        this.mounts = mounts;
    }

    static Mounts read() throws IOException {
        return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
    }

    static Mounts parse(String text) {
        var mounts = new ArrayList<Mount>();
        for (String line : text.lines().toList()) {
            String[] fields = line.split(" ");
            int dash = List.of(fields).indexOf("-");
            if (dash >= 5 && fields.length > dash + 2) {
                mounts.add(new Mount(Path.of(unescaped(fields[4])), fields[dash + 1], unescaped(fields[dash + 2])));
            }
        }
        return new Mounts(mounts);
    }

    /** Blanks, tabs, line feeds and backslashes stand there as three octal digits. */
    private static String unescaped(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** The mount that a directory is in, the last one made where several lie over one another. */
    Mount of(Path directory) throws IOException {
        Mount best = null;
        for (Mount mount : mounts) {
            boolean over =
                    best == null || mount.point().getNameCount() >= best.point().getNameCount();
            if (directory.startsWith(mount.point()) && over) {
                best = mount;
            }
        }
        if (best == null) {
            throw new IOException("nothing is mounted at " + directory);
        }
        return best;
    }

    /** Where below a directory there are the kernel's own file systems. */
    List<Path> withoutFilesBelow(Path directory) {
        return mounts.stream()
                .filter(mount ->
                        mount.point().startsWith(directory) && !mount.point().equals(directory))
                .filter(mount -> !WITH_FILES.contains(mount.type()))
                .map(Mount::point)
                .toList();
    }
}
