package jarrah.images.tiny;

import jarrah.machine.LimitedCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The modules of one kernel package, by name; dashes and underscores are the same in their names. */
final class KernelModules {
    private static final Duration UNPACK = Duration.ofMinutes(1);

    private final Map<String, Path> files = new HashMap<>();

    /** @param packages where the kernel's package was unpacked */
    KernelModules(Path packages) throws IOException {
        for (Path file : FileTree.below(packages)) {
            String name = file.getFileName().toString();
            int end = name.indexOf(".ko");
            if (end > 0 && Files.isRegularFile(file)) {
                files.put(name.substring(0, end).replace('-', '_'), file);
            }
        }
    }

    /**
     * Modules with those that they depend on, each after what it needs. A name that is not there is left out: in another
     * kernel the same driver may be built in.
     *
     * @return file name to content, uncompressed, in the order in which they are to be loaded
     */
    Map<String, byte[]> withDependencies(List<String> names) throws IOException, InterruptedException {
        var ordered = new LinkedHashMap<String, byte[]>();
        for (String name : names) {
            add(name, ordered);
        }
        return ordered;
    }

    private void add(String name, Map<String, byte[]> ordered) throws IOException, InterruptedException {
        Path file = files.get(name.replace('-', '_'));
        String key = name.replace('-', '_') + ".ko";
        if (file == null || ordered.containsKey(key)) {
            return;
        }
        byte[] module = read(file);
        for (String needed : Elf.moduleDepends(module)) {
            add(needed, ordered);
        }
        ordered.put(key, module);
    }

    /** Some of Debian's releases compress their modules. */
    private static byte[] read(Path file) throws IOException, InterruptedException {
        if (file.toString().endsWith(".ko")) {
            return Files.readAllBytes(file);
        }
        if (!file.toString().endsWith(".ko.xz")) {
            throw new IOException("the kernel module " + file.getFileName() + " is compressed in a way not known here");
        }
        new LimitedCommand(List.of("xz", "-d", "-k", "-f", file.toString()), UNPACK).succeed();
        String name = file.toString();
        return Files.readAllBytes(Path.of(name.substring(0, name.length() - ".xz".length())));
    }
}
