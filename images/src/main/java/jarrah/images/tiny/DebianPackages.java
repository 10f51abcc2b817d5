package jarrah.images.tiny;

import jarrah.machine.LimitedCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Packages from where this host gets its own, fetched and taken apart without being installed.
 *
 * <p>The host's package lists are used if it has any; else, or if they name files that the mirror has no more, lists are
 * fetched into a directory of our own, which needs no root.
 */
final class DebianPackages {
    private static final Duration QUERY = Duration.ofMinutes(2);
    private static final Duration FETCH = Duration.ofMinutes(15);

    private final Path work;
    private final List<String> options = new ArrayList<>();

    /**
     * @param work an empty directory
     * @throws IOException if this host is not of Debian's family
     */
    DebianPackages(Path work) throws IOException {
        this.work = work;
        for (String program : List.of("apt-get", "apt-cache", "dpkg-deb")) {
            if (jarrah.machine.QemuPrograms.onPath(program).isEmpty()) {
                throw new IOException("the tiny image is built from Debian packages, and there is no " + program
                        + " here; build it on a Debian host and copy its cache directory");
            }
        }
    }

    /** Uses lists of our own from now on, as fresh as can be. */
    void fetchLists() throws IOException, InterruptedException {
        Path lists = work.resolve("lists");
        Path cache = work.resolve("cache");
        Files.createDirectories(lists.resolve("partial"));
        Files.createDirectories(cache.resolve("archives").resolve("partial"));
        options.clear();
        for (String option : List.of("Dir::State::lists=" + lists, "Dir::Cache=" + cache, "APT::Sandbox::User=")) {
            options.addAll(List.of("-o", option));
        }
        run(FETCH, "apt-get", "update", "-qq");
    }

    /** The packages that a package depends on directly. */
    List<String> dependencies(String name) throws IOException, InterruptedException {
        return run(QUERY, "apt-cache", "depends", "--important", name)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("Depends: ") && !line.contains("<"))
                .map(line -> line.substring("Depends: ".length()))
                .toList();
    }

    /** The libraries' packages that programs of these packages may need, whatever the depth. */
    Set<String> libraries(List<String> names) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("apt-cache", "depends", "--recurse", "--important"));
        command.addAll(names);
        var found = new TreeSet<String>();
        run(QUERY, command.toArray(String[]::new))
                .lines()
                .filter(line -> line.startsWith("lib") || line.startsWith("zlib"))
                .filter(line -> !line.contains(":"))
                .forEach(found::add);
        return found;
    }

    /**
     * Fetches packages, and unpacks all of them into one directory.
     *
     * @return a line for each: name, version
     */
    List<String> unpack(Set<String> names, Path into) throws IOException, InterruptedException {
        Path files = Files.createTempDirectory(work, "packages-");
        var command = new ArrayList<>(List.of("apt-get"));
        command.addAll(options);
        command.addAll(List.of("download", "-qq"));
        command.addAll(names);
        try {
            new LimitedCommand(command, FETCH).in(files).succeed();
        } catch (IOException e) {
            throw new IOException("cannot fetch Debian packages: " + e.getMessage(), e);
        }
        Files.createDirectories(into);
        var versions = new ArrayList<String>();
        try (Stream<Path> fetched = Files.list(files)) {
            for (Path file : fetched.sorted().toList()) {
                run(QUERY, "dpkg-deb", "-x", file.toString(), into.toString());
                versions.add(run(QUERY, "dpkg-deb", "-f", file.toString(), "Package", "Version")
                        .lines()
                        .map(line -> line.substring(line.indexOf(' ') + 1))
                        .reduce((name, version) -> name + " " + version)
                        .orElseThrow());
            }
        }
        return versions;
    }

    private String run(Duration atMost, String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(words));
        if (words[0].startsWith("apt")) {
            command.addAll(1, options);
        }
        try {
            return new LimitedCommand(command, atMost).succeed();
        } catch (IOException e) {
            throw new IOException(String.join(" ", words) + ": " + e.getMessage(), e);
        }
    }
}
