package jarrah.aws;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of a small XML document from a client, read into memory as a whole. DTDs and entities are off; depth and
 * number of elements are bounded; namespaces are ignored, since clients of all ages send different ones.
 */
public final class XmlElement {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_ELEMENTS = 200_000;
    private static final XMLInputFactory FACTORY = factory();

    private final String name;
    private final List<XmlElement> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable String type;

    private XmlElement(String name) {
        this.name = name;
    }

    /** The document is not well-formed, or it is beyond the bounds. */
    public static final class MalformedXml extends Exception {
        MalformedXml(String message) {
            super(message);
        }
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
        return factory;
    }

    /** Parses a document; the caller has bounded its size. */
    public static XmlElement parse(byte[] document) throws MalformedXml {
        try {
            XMLStreamReader reader = FACTORY.createXMLStreamReader(new ByteArrayInputStream(document));
            return parse(reader);
        } catch (XMLStreamException e) {
            throw new MalformedXml("not well-formed");
        }
    }

    private static XmlElement parse(XMLStreamReader reader) throws XMLStreamException, MalformedXml {
        Deque<XmlElement> open = new ArrayDeque<>();
        XmlElement root = null;
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamReader.START_ELEMENT -> {
                    if (++elements > MAX_ELEMENTS || open.size() >= MAX_DEPTH) {
                        throw new MalformedXml("too many elements");
                    }
                    var element = new XmlElement(reader.getLocalName());
                    element.type = reader.getAttributeValue("http://www.w3.org/2001/XMLSchema-instance", "type");
                    if (open.peek() != null) {
                        open.element().children.add(element);
                    }
                    root = root == null ? element : root;
                    open.push(element);
                }
                case XMLStreamReader.END_ELEMENT -> open.pop();
                case XMLStreamReader.CHARACTERS, XMLStreamReader.CDATA -> {
                    if (!open.isEmpty()) {
                        open.element().text.append(reader.getText());
                    }
                }
                case XMLStreamReader.DTD, XMLStreamReader.ENTITY_REFERENCE -> throw new MalformedXml("has a DTD");
                default -> {}
            }
        }
        if (root == null) {
            throw new MalformedXml("empty");
        }
        return root;
    }

    /** The local name. */
    public String name() {
        return name;
    }

    /** The element's own text, as it stands. */
    public String text() {
        return text.toString();
    }

    /** The value of {@code xsi:type}; null if there is none. */
    public @Nullable String type() {
        return type;
    }

    public List<XmlElement> children() {
        return children;
    }

    /** All children of that name, in order. */
    public List<XmlElement> children(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    /** The first child of that name; null if there is none. */
    public @Nullable XmlElement child(String childName) {
        for (XmlElement child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        return null;
    }

    /** The text of the first child of that name, without white space around it; null if there is none. */
    public @Nullable String childText(String childName) {
        XmlElement child = child(childName);
        return child == null ? null : child.text().strip();
    }
}
