package jarrah.accelerator.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Builds {@link ConfigNode}s from YAML's events, with a stack of its own: depth is bounded, and an alias shares the node
 * that its anchor finished, so that neither recursion nor a "billion laughs" can arise. Owned by one call.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_ALIASES = 1_000;

    private final String name;
    private final ArrayDeque<Open> open = new ArrayDeque<>();
    private final Map<Anchor, ConfigNode> anchors = new HashMap<>();
    private int aliases;
    private int documents;
    private @Nullable ConfigNode root;

    private YamlTree(String name) {
        this.name = name;
    }

    /** A list or map whose end has not been read. */
    private static final class Open {
        final String where;
        final boolean map;
        final Optional<Anchor> anchor;
        final List<ConfigNode> items = new ArrayList<>();
        final Map<String, ConfigNode> entries = new LinkedHashMap<>();

        @Nullable
        String key;

        String keyWhere = "";

        Open(String where, boolean map, Optional<Anchor> anchor) {
            this.where = where;
            this.map = map;
            this.anchor = anchor;
        }
    }

    static ConfigNode parse(String name, String text) {
        if (text.length() > ConfigNode.MAX_BYTES) {
            throw new ConfigException(name, "is larger than " + ConfigNode.MAX_BYTES + " bytes");
        }
        var tree = new YamlTree(name);
        var settings = LoadSettings.builder()
                .setLabel(name)
                .setCodePointLimit(ConfigNode.MAX_BYTES)
                .build();
        try {
            for (Event event : new Parse(settings).parseString(text)) {
                tree.accept(event);
            }
        } catch (MarkedYamlEngineException e) {
            String problem = e.getProblem() == null ? e.getContext() : e.getProblem();
            throw new ConfigException(
                    tree.where(e.getProblemMark()), "not YAML: " + (problem == null ? "unreadable" : oneLine(problem)));
        } catch (YamlEngineException e) {
            String message = e.getMessage();
            throw new ConfigException(name, "not YAML: " + (message == null ? "unreadable" : oneLine(message)));
        }
        return tree.root == null ? new ConfigNode(name + ":1:1", Map.of()) : tree.root;
    }

    private void accept(Event event) {
        if (event instanceof NodeEvent node && !(event instanceof AliasEvent)) {
            refuseTag(node);
        }
        switch (event.getEventId()) {
            case Scalar -> {
                var scalar = (ScalarEvent) event;
                value(
                        new ConfigNode(
                                where(event.getStartMark()),
                                new ConfigNode.Scalar(scalar.getValue(), scalar.isPlain())),
                        scalar.getAnchor());
            }
            case Alias -> alias((AliasEvent) event);
            case SequenceStart, MappingStart -> {
                if (open.size() >= MAX_DEPTH) {
                    throw new ConfigException(where(event.getStartMark()), "nested deeper than " + MAX_DEPTH);
                }
                open.push(new Open(
                        where(event.getStartMark()),
                        event instanceof MappingStartEvent,
                        ((NodeEvent) event).getAnchor()));
            }
            case SequenceEnd, MappingEnd -> {
                Open done = open.pop();
                Object content = done.map ? Collections.unmodifiableMap(done.entries) : List.copyOf(done.items);
                value(new ConfigNode(done.where, content), done.anchor);
            }
            case DocumentStart -> {
                if (++documents > 1) {
                    throw new ConfigException(where(((DocumentStartEvent) event).getStartMark()), "a second document");
                }
            }
            case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
        }
    }

    private void refuseTag(NodeEvent event) {
        Optional<String> tag = switch (event) {
            case ScalarEvent scalar -> scalar.getTag();
            case CollectionStartEvent collection -> collection.getTag();
            default -> Optional.empty();
        };
        if (tag.isPresent() && !tag.get().equals("!")) {
            throw new ConfigException(where(event.getStartMark()), "tags such as " + tag.get() + " are not allowed");
        }
    }

    private void alias(AliasEvent event) {
        String where = where(event.getStartMark());
        ConfigNode target = anchors.get(event.getAlias());
        if (target == null) {
            throw new ConfigException(where, "`*" + event.getAlias() + "` stands before the end of its anchor");
        }
        if (++aliases > MAX_ALIASES) {
            throw new ConfigException(where, "more than " + MAX_ALIASES + " aliases");
        }
        value(target, Optional.empty());
    }

    private void value(ConfigNode node, Optional<Anchor> anchor) {
        anchor.ifPresent(a -> anchors.put(a, node));
        Open parent = open.peek();
        if (parent == null) {
            root = node;
        } else if (!parent.map) {
            parent.items.add(node);
        } else if (parent.key == null) {
            if (node.isMap() || node.isList()) {
                throw node.error("a key must be text");
            }
            parent.key = node.string();
            parent.keyWhere = node.where();
        } else {
            if (parent.entries.containsKey(parent.key)) {
                throw new ConfigException(parent.keyWhere, "`" + parent.key + "` is given twice");
            }
            parent.entries.put(parent.key, node.underKey(parent.keyWhere));
            parent.key = null;
        }
    }

    private String where(Optional<Mark> mark) {
        return name
                + mark.map(m -> ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                        .orElse("");
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
