package jarrah.images.tiny;

import jarrah.machine.LimitedCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The files of the root file system, laid out in a directory: chosen programs with the libraries that they need. */
final class RootTree {
    private static final Duration LIST = Duration.ofSeconds(20);
    private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu";
    private static final String LINKED_BUSYBOX = "usr/lib/busybox/busybox";
    private static final String LOADER = "lib64/ld-linux-x86-64.so.2";

    private static final List<String> PROGRAMS = List.of(
            "usr/sbin/dropbear",
            "usr/bin/dropbearkey",
            "usr/bin/dbclient",
            "usr/bin/scp",
            "usr/lib/openssh/sftp-server",
            "usr/bin/curl",
            "usr/bin/openssl",
            "bin/tar",
            "bin/gzip",
            "usr/bin/split");

    /** Applets that the real program stands for, and busybox's own names. */
    private static final Set<String> NOT_LINKED = Set.of("tar", "gzip", "busybox", "init", "linuxrc");

    /**
     * Applets of the linked busybox: those that look names up, which a static program of glibc cannot, and the shell of
     * people and their scripts. The static shell takes its own applets before any program on the PATH: good for our
     * scripts, which name it, but people would meet its tar in place of GNU's.
     */
    private static final Set<String> LINKED = Set.of(
            "sh",
            "ash",
            "wget",
            "nslookup",
            "ping",
            "ping6",
            "telnet",
            "traceroute",
            "traceroute6",
            "ftpget",
            "ftpput",
            "rdate");

    private final Path packages;
    private final Path staticPackage;
    private final Path root;
    private final Map<String, Path> libraries;

    /**
     * @param staticPackage where the static busybox was unpacked: most of the processes of a boot are it, and it starts faster than
     *     the one that is linked
     */
    RootTree(Path packages, Path staticPackage, Path root) throws IOException {
        this.packages = packages;
        this.staticPackage = staticPackage;
        this.root = root;
        this.libraries = librariesIn(packages);
    }

    /** @param modules file name to content, in the order in which they are to be loaded */
    void fill(Map<String, byte[]> modules) throws IOException, InterruptedException {
        directories();
        programs();
        applets();
        // Dropbear looks for it here; openssh keeps it there.
        link("usr/lib/sftp-server", "openssh/sftp-server");
        script("etc/tiny/boot", "boot.sh");
        script("etc/tiny/shutdown", "shutdown.sh");
        script("etc/tiny/instance", "instance.sh");
        script("etc/tiny/dhcp", "dhcp.sh");
        // The path is busybox acpid's own: the event's name, its number.
        script("etc/acpi/PWRF/00000080", "power-button.sh");
        write("etc/inittab", TinyImage.resource("inittab"));
        write("etc/passwd", TinyImage.resource("passwd"));
        write("etc/group", TinyImage.resource("group"));
        write("etc/shells", TinyImageBuild.lines(List.of("/bin/sh")));
        write("etc/hosts", TinyImageBuild.lines(List.of("127.0.0.1 localhost")));
        write("etc/profile", TinyImageBuild.lines(List.of("export PATH=/usr/sbin:/usr/bin", "umask 022")));
        copy(packages.resolve("etc/ssl/openssl.cnf"), "etc/ssl/openssl.cnf");
        link("usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf");
        link("usr/lib/ssl/certs", "/etc/ssl/certs");
        certificates();
        for (Map.Entry<String, byte[]> module : modules.entrySet()) {
            write("usr/lib/tiny/modules/" + module.getKey(), module.getValue());
        }
        write("usr/lib/tiny/modules/order", TinyImageBuild.lines(modules.keySet()));
    }

    private void directories() throws IOException {
        for (String name : List.of(
                "dev", "proc", "sys", "run", "root", "mnt", "home", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64")) {
            Files.createDirectories(root.resolve(name));
        }
        for (String name : List.of("etc/dropbear", "etc/ssl/certs", "usr/lib/ssl", "var/lib/tiny", "var/log")) {
            Files.createDirectories(root.resolve(name));
        }
        for (String name : List.of("bin", "sbin", "lib", "lib64")) {
            link(name, "usr/" + name);
        }
        link("var/run", "/run");
        for (String name : List.of("tmp", "var/tmp")) {
            Files.createDirectories(root.resolve(name));
            Files.setPosixFilePermissions(root.resolve(name), PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        Files.setPosixFilePermissions(root.resolve("root"), PosixFilePermissions.fromString("rwx------"));
    }

    private void programs() throws IOException {
        var toDo = new ArrayDeque<>(List.of("ld-linux-x86-64.so.2"));
        copy(staticPackage.resolve("bin/busybox"), "usr/bin/busybox");
        Path linked = packages.resolve("bin/busybox");
        copy(linked, LINKED_BUSYBOX);
        toDo.addAll(Elf.needed(linked));
        for (String program : PROGRAMS) {
            Path file = packaged(program);
            copy(file, merged(program));
            toDo.addAll(Elf.needed(file));
        }
        var done = new HashSet<String>();
        while (!toDo.isEmpty()) {
            String name = toDo.pop();
            if (!done.add(name)) {
                continue;
            }
            Path file = libraries.get(name);
            if (file == null) {
                throw new IOException("no package that was fetched has the library " + name);
            }
            copy(file, LIBRARIES + "/" + name);
            toDo.addAll(Elf.needed(file));
        }
        link("usr/" + LOADER, "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    }

    /** A program where its package has it; some releases of Debian have moved all to {@code /usr}. */
    private Path packaged(String program) throws IOException {
        return List.of(program, "usr/" + program).stream()
                .map(packages::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new IOException("no package that was fetched has the program " + program));
    }

    private static String merged(String program) {
        return program.startsWith("usr/") ? program : "usr/" + program;
    }

    /** Library name to file, the links that stand for a version included. */
    private static Map<String, Path> librariesIn(Path packages) throws IOException {
        var found = new java.util.HashMap<String, Path>();
        for (String directory : List.of("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")) {
            for (Path file : FileTree.below(packages.resolve(directory))) {
                if (file.getFileName().toString().contains(".so") && Files.isRegularFile(file)) {
                    found.putIfAbsent(file.getFileName().toString(), file);
                }
            }
        }
        return found;
    }

    /** Busybox is asked for its applets, by running it here. */
    private void applets() throws IOException, InterruptedException {
        String busybox = root.resolve("usr/bin/busybox").toString();
        for (String applet : new LimitedCommand(List.of(busybox, "--list-full"), LIST)
                .succeed()
                .lines()
                .toList()) {
            String name = applet.substring(applet.lastIndexOf('/') + 1);
            String directory = applet.contains("sbin/") ? "usr/sbin" : "usr/bin";
            String target = LINKED.contains(name) ? "../lib/busybox/busybox" : "../bin/busybox";
            if (!NOT_LINKED.contains(name)
                    && !Files.exists(root.resolve(directory).resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                link(directory + "/" + name, target);
            }
        }
        link("usr/sbin/init", "../bin/busybox");
    }

    /** The bundle that curl and openssl look for, which the package itself makes only when it is installed. */
    private void certificates() throws IOException {
        var bundle = new ByteArrayOutputStream();
        for (Path file : FileTree.below(packages.resolve("usr/share/ca-certificates"))) {
            if (file.toString().endsWith(".crt")) {
                bundle.write(Files.readAllBytes(file));
            }
        }
        write("etc/ssl/certs/ca-certificates.crt", bundle.toByteArray());
    }

    private void script(String name, String resource) throws IOException {
        write(name, TinyImage.resource(resource));
        Files.setPosixFilePermissions(root.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(root));
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private void copy(Path from, String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(root));
        Files.copy(from, file);
        var modes = new ArrayList<>(List.of("rw-r--r--", "rwxr-xr-x"));
        Files.setPosixFilePermissions(
                file, PosixFilePermissions.fromString(Files.isExecutable(from) ? modes.get(1) : modes.get(0)));
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }
}
