package jarrah.accelerator.vcl;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.vcl.Vcl.Expression;
import jarrah.accelerator.vcl.Vcl.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Reads a program for Varnish and says in sites what sites can say of it.
 *
 * @param configuration YAML that {@link AcceleratorConfig} takes
 * @param left what is not in it, in the order of the program
 * @param notes differences that hold whatever the program says
 */
public record VclImport(String configuration, List<Left> left, List<String> notes) {
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int MAX_CELLS = 2_000;

    /**
     * A line that is not carried over.
     *
     * @param place {@code file:line}
     * @param source the line as written
     * @param reason in a few words, and what to do instead
     */
    public record Left(String place, String source, String reason) {}

    private record Slot(Cell cell, SiteDraft draft, SiteDraft.Source source) {
        /** All but the host. */
        List<Object> same() {
            return List.of(cell.folder(), draft.settings(""));
        }
    }

    /**
     * Reads a file and those that it includes, which are looked for beside it.
     *
     * @throws VclException in one line what cannot be read, or is no VCL 4, and where
     */
    public static VclImport of(Path file) throws VclException {
        Map<String, List<String>> sources = new HashMap<>();
        String name = String.valueOf(file.getFileName());
        Vcl program = VclParser.parse(name, read(file, name, sources), (place, included) -> {
            Path beside = file.resolveSibling(included.startsWith("./") ? included.substring(2) : included);
            try {
                return read(beside, included, sources);
            } catch (VclException e) {
                throw new VclException(place + ": " + e.getMessage());
            }
        });
        if (program.backends().isEmpty()) {
            throw new VclException(name + ": no backend is declared");
        }
        return new Importer(program, new Leftovers(sources)).imported(name);
    }

    private static String read(Path file, String name, Map<String, List<String>> sources) throws VclException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new VclException(file + ": more than 1 MiB is no program for people");
            }
            String text = Files.readString(file, StandardCharsets.UTF_8);
            sources.put(name, text.lines().toList());
            return text;
        } catch (NoSuchFileException e) {
            throw new VclException("there is no file " + file);
        } catch (IOException e) {
            throw new VclException(file + " cannot be read: " + e.getMessage());
        }
    }

    /** One program's way through. */
    private static final class Importer {
        private final Vcl program;
        private final Leftovers left;
        private final Set<String> names = new HashSet<>();

        Importer(Vcl program, Leftovers left) {
            this.program = program;
            this.left = left;
        }

        VclImport imported(String file) throws VclException {
            Map<String, List<Slot>> byHost = slots();
            var text = new StringBuilder("# From " + file + ".\nsites:\n");
            boolean any = false;
            for (Map.Entry<List<Slot>, List<String>> group : grouped(byHost).entrySet()) {
                for (Slot slot : group.getKey()) {
                    any = true;
                    text.append(SiteYaml.site(
                            name(group.getValue(), slot), group.getValue(), slot.cell, slot.draft, slot.source));
                }
            }
            if (!any) {
                throw new VclException(file + ": no backend answers for anything");
            }
            try {
                AcceleratorConfig.parse(ConfigNode.parse("sites", text.toString()), "port");
            } catch (ConfigException e) {
                throw new VclException(file + ": its sites would be no configuration: " + e.getMessage());
            }
            return new VclImport(text.toString(), left.all(), notes(byHost));
        }

        /** For each host, what is served where; a folder that is served as the one around it is left out. */
        private Map<String, List<Slot>> slots() throws VclException {
            Set<String> hosts = mentioned(Cell::hosts, "");
            Set<String> folders = mentioned(Cell::folders, "/");
            if (hosts.size() * folders.size() > MAX_CELLS) {
                throw new VclException("hosts and paths are asked for in more than " + MAX_CELLS + " combinations");
            }
            Map<String, List<String>> directors = Walk.directors(program);
            Map<String, List<Slot>> byHost = new LinkedHashMap<>();
            for (String host : hosts) {
                var kept = new ArrayList<Slot>();
                for (String folder : folders) { // sorted: each behind those around it
                    var cell = new Cell(host, folder);
                    SiteDraft draft = Translation.of(program, directors, left, cell);
                    if (draft.source != null && !likeThatAround(kept, cell, draft)) {
                        kept.add(new Slot(cell, draft, draft.source));
                    }
                }
                byHost.put(host, kept);
            }
            initialised();
            // What is closed to every host need not be a site.
            byHost.getOrDefault("", new ArrayList<>())
                    .removeIf(slot -> slot.draft.closed && slot.cell.folder().equals("/"));
            return byHost;
        }

        private static boolean likeThatAround(List<Slot> kept, Cell cell, SiteDraft draft) {
            for (Slot slot : kept.reversed()) {
                String around = slot.cell.folder();
                if (cell.folder().startsWith(around)) {
                    return slot.draft
                            .settings("")
                            .equals(draft.settings(cell.folder().substring(around.length())));
                }
            }
            return false;
        }

        /** Statements that are run once, other than those that put backends together. */
        private void initialised() {
            for (Walk.Reached reached : Walk.through(program, "vcl_init", new Cell("", "/"))) {
                switch (reached.statement()) {
                    case Statement.New(var place, var _, Expression.Call(var made, var _))
                    when made.startsWith("directors.") -> {
                        if (!made.equals("directors.fallback")) {
                            left.add(place, "the first backend in service is asked; requests are not spread");
                        }
                    }
                    case Statement.Do(var _, Expression.Call(var method, var _))
                    when method.endsWith(".add_backend") -> {}
                    case Statement.Return _ -> {}
                    default -> left.add(reached.statement().place(), "a site has nothing like it");
                }
            }
        }

        /** Hosts of which the same is served, in the order of the program; those served as others are left out. */
        private static Map<List<Slot>, List<String>> grouped(Map<String, List<Slot>> byHost) {
            Map<List<Object>, List<String>> hosts = new LinkedHashMap<>();
            byHost.forEach((host, slots) -> {
                if (host.isEmpty() || !same(slots).equals(around(byHost, host))) {
                    hosts.computeIfAbsent(same(slots), _ -> new ArrayList<>()).add(host);
                }
            });
            Map<List<Slot>, List<String>> groups = new LinkedHashMap<>();
            for (List<String> group : hosts.values()) {
                List<String> named =
                        group.contains("") ? List.of() : group.stream().sorted().toList();
                groups.put(byHost.getOrDefault(group.getFirst(), List.of()), named);
            }
            return groups;
        }

        private static List<Object> same(List<Slot> slots) {
            return slots.stream().<Object>map(Slot::same).toList();
        }

        /** What would be served of a host if it were not named. */
        private static List<Object> around(Map<String, List<Slot>> byHost, String host) {
            String wildcard = byHost.keySet().stream()
                    .filter(other -> other.startsWith("*.") && !other.equals(host) && host.endsWith(other.substring(1)))
                    .reduce("", (one, other) -> other.length() > one.length() ? other : one);
            return same(byHost.getOrDefault(wildcard, List.of()));
        }

        private String name(List<String> hosts, Slot slot) {
            String from = hosts.isEmpty() ? "default" : hosts.getFirst().replace("*.", "all.");
            String folder = slot.cell.folder().equals("/") ? "" : slot.cell.folder();
            String plain =
                    (from + folder).replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
            String base = plain.isEmpty() ? "site" : plain.substring(0, Math.min(plain.length(), 55));
            String name = base;
            for (int i = 2; !names.add(name); i++) {
                name = base + "-" + i;
            }
            return name;
        }

        private static List<String> notes(Map<String, List<Slot>> byHost) {
            Set<String> notes = new LinkedHashSet<>();
            for (Slot slot : byHost.values().stream().flatMap(List::stream).toList()) {
                notes.add(
                        slot.source instanceof SiteDraft.Source.S3
                                ? "buckets are read without credentials: see `credentials` in the configuration's page"
                                : "an HTTP origin sees its own name as Host, and the client's as X-Forwarded-Host; cookies"
                                        + " keep nothing out of the cache, `private`, `no-store` and `Set-Cookie` do");
            }
            return List.copyOf(notes);
        }

        // What the program asks for.

        private interface Asked {
            Optional<List<String>> of(Expression.Comparison comparison);
        }

        private Set<String> mentioned(Asked asked, String always) {
            Set<String> all = new TreeSet<>(Set.of(always));
            program.subs()
                    .values()
                    .forEach(body -> conditions(body)
                            .flatMap(Importer::comparisons)
                            .forEach(comparison -> asked.of(comparison).ifPresent(all::addAll)));
            return all;
        }

        private static Stream<Expression> conditions(List<Statement> statements) {
            return statements.stream()
                    .flatMap(statement -> statement
                                    instanceof Statement.If(var _, var condition, var then, var otherwise)
                            ? Stream.concat(
                                    Stream.of(condition), Stream.concat(conditions(then), conditions(otherwise)))
                            : Stream.empty());
        }

        private static Stream<Expression.Comparison> comparisons(Expression condition) {
            return switch (condition) {
                case Expression.Not(var of) -> comparisons(of);
                case Expression.And(var all) -> all.stream().flatMap(Importer::comparisons);
                case Expression.Or(var any) -> any.stream().flatMap(Importer::comparisons);
                case Expression.Comparison comparison -> Stream.of(comparison);
                default -> Stream.empty();
            };
        }
    }
}
