package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A configuration in a file, or in all files of a directory whose names end in .yaml or .yml, in the order of their
 * names.
 *
 * @param path of the file or directory
 * @param parse what the files come to
 */
record ConfigurationFiles(Path path, Function<List<ConfigNode>, AcceleratorConfig> parse)
        implements ConfigurationWatch.Source {
    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Duration every() {
        return Duration.ofSeconds(1);
    }

    @Override
    public String version() throws IOException {
        var version = new StringBuilder();
        for (Path file : files()) {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            version.append(file.getFileName())
                    .append(' ')
                    .append(attributes.lastModifiedTime().toInstant())
                    .append(' ')
                    .append(attributes.size())
                    .append(' ')
                    .append(attributes.fileKey())
                    .append('\n');
        }
        return version.toString();
    }

    @Override
    public AcceleratorConfig read() throws IOException {
        List<Path> files = files();
        if (files.isEmpty()) {
            throw new ConfigException(path.toString(), "holds no file whose name ends in .yaml or .yml");
        }
        return parse.apply(files.stream().map(ConfigNode::read).toList());
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> inside = Files.list(path)) {
            return inside.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
        }
    }
}
