package jarrah.images.bundle;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of a manifest with what is in it. Namespaces are off (a manifest has none), and so are DTDs and entities;
 * depth and number of elements are bounded.
 */
final class XmlTree {
    private static final int MAX_DEPTH = 8;
    /** A part has three elements; the rest of a manifest has some forty, or a few hundred with long lists. */
    private static final int MAX_ELEMENTS = 3 * Manifest.MAX_PARTS + 2_000;

    private static final XMLInputFactory FACTORY = factory();

    private final String name;
    private final Map<String, String> attributes = new HashMap<>();
    private final List<XmlTree> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    private XmlTree(String name) {
        this.name = name;
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
        return factory;
    }

    static XmlTree parse(String document) {
        try {
            XMLStreamReader reader = FACTORY.createXMLStreamReader(new StringReader(document));
            return read(reader);
        } catch (XMLStreamException e) {
            throw new ImageException.MalformedManifest("is not well-formed XML");
        } catch (RuntimeException e) {
            // The JDK's reader answers some broken input with exceptions of its own.
            if (e instanceof ImageException fault) {
                throw fault;
            }
            throw new ImageException.MalformedManifest("cannot be read as XML");
        }
    }

    private static XmlTree read(XMLStreamReader reader) throws XMLStreamException {
        Deque<XmlTree> open = new ArrayDeque<>();
        XmlTree root = null;
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamReader.START_ELEMENT -> {
                    if (++elements > MAX_ELEMENTS || open.size() >= MAX_DEPTH) {
                        throw new ImageException.MalformedManifest("has too many elements");
                    }
                    XmlTree element = start(reader);
                    if (open.peek() != null) {
                        open.element().children.add(element);
                    }
                    root = root == null ? element : root;
                    open.push(element);
                }
                case XMLStreamReader.END_ELEMENT -> open.pop();
                case XMLStreamReader.CHARACTERS -> {
                    if (!open.isEmpty()) {
                        open.element().text.append(reader.getText());
                    }
                }
                case XMLStreamReader.SPACE, XMLStreamReader.END_DOCUMENT -> {}
                default -> throw new ImageException.MalformedManifest("has more in it than elements and text");
            }
        }
        if (root == null) {
            throw new ImageException.MalformedManifest("is empty");
        }
        return root;
    }

    private static XmlTree start(XMLStreamReader reader) {
        var element = new XmlTree(reader.getLocalName());
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            element.attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
        }
        return element;
    }

    String name() {
        return name;
    }

    /** The element's own text without white space around it. */
    String text() {
        return text.toString().strip();
    }

    /** An attribute that has to be there. */
    String attribute(String attribute) {
        String value = attributes.get(attribute);
        if (value == null) {
            throw new ImageException.MalformedManifest("has a <" + name + "> without " + attribute);
        }
        return value;
    }

    /** All children of that name, in order. */
    List<XmlTree> all(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    /** The child of that name, of which there may be no second. */
    Optional<XmlTree> child(String childName) {
        List<XmlTree> found = all(childName);
        if (found.size() > 1) {
            throw new ImageException.MalformedManifest("has more than one <" + childName + "> in <" + name + ">");
        }
        return found.stream().findFirst();
    }

    /** The child of that name, which has to be there. */
    XmlTree need(String childName) {
        return child(childName)
                .orElseThrow(
                        () -> new ImageException.MalformedManifest("has no <" + childName + "> in <" + name + ">"));
    }
}
