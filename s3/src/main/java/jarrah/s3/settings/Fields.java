package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the children of an element strictly: what the schema does not have is {@code MalformedXML}. */
final class Fields {
    private final XmlElement element;

    private Fields(XmlElement element) {
        this.element = element;
    }

    /** An element that may have these children and no others. */
    static Fields of(XmlElement element, String... allowed) {
        Set<String> names = Set.of(allowed);
        for (XmlElement child : element.children()) {
            if (!names.contains(child.name())) {
                throw new MalformedXml();
            }
        }
        return new Fields(element);
    }

    Optional<XmlElement> child(String name) {
        List<XmlElement> found = element.children(name);
        if (found.size() > 1) {
            throw new MalformedXml();
        }
        return found.stream().findFirst();
    }

    XmlElement required(String name) {
        return child(name).orElseThrow(MalformedXml::new);
    }

    Optional<String> text(String name) {
        return child(name).map(found -> {
            if (!found.children().isEmpty()) {
                throw new MalformedXml();
            }
            return found.text().strip();
        });
    }

    String requiredText(String name) {
        return text(name).filter(found -> !found.isEmpty()).orElseThrow(MalformedXml::new);
    }

    /** One of some words. */
    Optional<String> word(String name, Set<String> words) {
        Optional<String> found = text(name);
        if (found.isPresent() && !words.contains(found.get())) {
            throw new MalformedXml();
        }
        return found;
    }

    /** A whole number. */
    Optional<Long> number(String name) {
        return text(name).map(found -> {
            try {
                return Long.parseLong(found);
            } catch (NumberFormatException e) {
                throw new MalformedXml();
            }
        });
    }

    Optional<Boolean> flag(String name) {
        return text(name).map(found -> switch (found.toLowerCase(java.util.Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new MalformedXml();
        });
    }

    List<XmlElement> all(String name) {
        return element.children(name);
    }

    /** The texts of all children of that name. */
    List<String> texts(String name) {
        return element.children(name).stream()
                .map(child -> child.text().strip())
                .toList();
    }
}
