package jarrah.images.bundle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** From a manifest's text to a {@link Manifest}, by name and never by position, since the writers differ in their order. */
final class ManifestParser {
    private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");
    /** Up to RSA-16384. */
    private static final Pattern ENCRYPTED = Pattern.compile("([0-9a-f]{2}){0,2048}");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final List<String> VERSIONS = List.of("3", "2007-08-29", Manifest.VERSION);
    /** The longest name, in characters: that of a file in every usual file system. */
    private static final int MAX_NAME = 255;

    private ManifestParser() {}

    static Manifest parse(ManifestText document) {
        XmlTree root = XmlTree.parse(document.text());
        if (!root.name().equals("manifest")) {
            throw new ImageException.MalformedManifest("begins with <" + Quoted.of(root.name()) + ">");
        }
        String version = root.need("version").text();
        if (!VERSIONS.contains(version)) {
            throw new ImageException.MalformedManifest("has the unknown version " + Quoted.of(version));
        }
        XmlTree bundler = root.need("bundler");
        return new Manifest(
                version,
                new Manifest.Bundler(text(bundler, "name"), text(bundler, "version"), text(bundler, "release")),
                machine(root, version),
                image(root.need("image"), version),
                root.child("signature").map(XmlTree::text).orElse(""));
    }

    private static Manifest.Machine machine(XmlTree root, String version) {
        Optional<XmlTree> machine = root.child("machine_configuration");
        if (machine.isEmpty()) {
            if (version.equals(Manifest.VERSION)) {
                throw new ImageException.MalformedManifest("has no <machine_configuration>");
            }
            return new Manifest.Machine("i386", List.of(), Optional.empty(), Optional.empty(), List.of());
        }
        XmlTree element = machine.get();
        var mappings = new ArrayList<Manifest.Mapping>();
        element.child("block_device_mapping")
                .ifPresent(list -> list.all("mapping")
                        .forEach(mapping -> mappings.add(
                                new Manifest.Mapping(plain(mapping.need("virtual")), plain(mapping.need("device"))))));
        return new Manifest.Machine(
                token(element.need("architecture")),
                mappings,
                element.child("kernel_id").map(ManifestParser::token),
                element.child("ramdisk_id").map(ManifestParser::token),
                list(element, "product_codes", "product_code"));
    }

    private static Manifest.Image image(XmlTree image, String version) {
        Optional<XmlTree> type = image.child("type");
        if (type.isEmpty() && version.equals(Manifest.VERSION)) {
            throw new ImageException.MalformedManifest("has no <type> in <image>");
        }
        String name = fileName(image.need("name"));
        long bundledSize = number(image.need("bundled_size"), Manifest.MAX_IMAGE_BYTES * 2);
        if (bundledSize == 0 || bundledSize % 16 != 0) {
            throw new ImageException.MalformedManifest(
                    "has a bundled_size of " + bundledSize + ", which is not a number of AES blocks");
        }
        return new Manifest.Image(
                name,
                user(image.need("user")),
                type.map(element -> ImageType.of(element.text())).orElse(ImageType.MACHINE),
                image.child("kernel_name").map(ManifestParser::plain),
                list(image, "ancestry", "ancestor_ami_id"),
                sha1(image.need("digest")),
                number(image.need("size"), Manifest.MAX_IMAGE_BYTES),
                bundledSize,
                new Manifest.EncryptedKeys(
                        cipher(image.need("ec2_encrypted_key"), true), cipher(image.need("ec2_encrypted_iv"), false)),
                new Manifest.EncryptedKeys(
                        cipher(image.need("user_encrypted_key"), true), cipher(image.need("user_encrypted_iv"), false)),
                parts(image.need("parts")));
    }

    private static List<Manifest.Part> parts(XmlTree parts) {
        List<XmlTree> elements = parts.all("part");
        long count = number(parts.name() + " count", parts.attribute("count"), Integer.MAX_VALUE);
        if (elements.isEmpty() || elements.size() > Manifest.MAX_PARTS) {
            throw new ImageException.MalformedManifest(
                    "has " + elements.size() + " parts; 1 to " + Manifest.MAX_PARTS + " can be read");
        }
        if (count != elements.size()) {
            throw new ImageException.MalformedManifest("counts " + count + " parts and lists " + elements.size());
        }
        var byIndex = new Manifest.Part[elements.size()];
        var names = new HashSet<String>();
        for (XmlTree element : elements) {
            int index = (int) number("part index", element.attribute("index"), Integer.MAX_VALUE);
            if (index >= byIndex.length || byIndex[index] != null) {
                throw new ImageException.MalformedManifest("does not number its parts from 0 to " + (byIndex.length - 1)
                        + ": there is an index " + index + (index < byIndex.length ? " twice" : ""));
            }
            String name = fileName(element.need("filename"));
            if (!names.add(name)) {
                throw new ImageException.MalformedManifest("names the part " + Quoted.of(name) + " twice");
            }
            byIndex[index] = new Manifest.Part(index, name, sha1(element.need("digest")));
        }
        return List.of(byIndex);
    }

    private static List<String> list(XmlTree parent, String container, String item) {
        var values = new ArrayList<String>();
        parent.child(container)
                .ifPresent(list -> list.all(item).forEach(element -> {
                    // ec2-ami-tools writes a list into one element, with commas.
                    for (String value : plain(element).split(",")) {
                        if (!value.isBlank()) {
                            values.add(value.strip());
                        }
                    }
                }));
        return values;
    }

    private static String text(XmlTree parent, String name) {
        return parent.child(name).map(ManifestParser::plain).orElse("");
    }

    /** Bounded text without control characters. */
    private static String plain(XmlTree element) {
        String text = element.text();
        if (text.length() > MAX_NAME * 4 || text.chars().anyMatch(Character::isISOControl)) {
            throw new ImageException.MalformedManifest("has a <" + element.name() + "> that is no plain text");
        }
        return text;
    }

    private static String token(XmlTree element) {
        String text = element.text();
        if (!TOKEN.matcher(text).matches()) {
            throw new ImageException.MalformedManifest("has the " + element.name() + " " + Quoted.of(text));
        }
        return text;
    }

    private static String user(XmlTree element) {
        return token(element).replace("-", "");
    }

    /** A name that can be one file beside the manifest, and nothing else. */
    private static String fileName(XmlTree element) {
        String name = element.text();
        Optional<String> fault = FileNames.fault(name);
        if (fault.isPresent()) {
            throw new ImageException.MalformedManifest(
                    "has the " + element.name() + " " + Quoted.of(name) + ", which " + fault.get());
        }
        return name;
    }

    private static String sha1(XmlTree element) {
        String algorithm = element.attribute("algorithm");
        if (!algorithm.equalsIgnoreCase("SHA1") && !algorithm.equalsIgnoreCase("SHA-1")) {
            throw new ImageException.MalformedManifest("has a digest by " + Quoted.of(algorithm) + ", not SHA1");
        }
        String digest = element.text().toLowerCase(Locale.ROOT);
        if (!SHA1.matcher(digest).matches()) {
            throw new ImageException.MalformedManifest("has the digest " + Quoted.of(digest));
        }
        return digest;
    }

    private static String cipher(XmlTree element, boolean named) {
        if (named && !element.attribute("algorithm").equalsIgnoreCase("AES-128-CBC")) {
            throw new ImageException.MalformedManifest(
                    "has a key for " + Quoted.of(element.attribute("algorithm")) + ", not AES-128-CBC");
        }
        String hex = element.text().toLowerCase(Locale.ROOT);
        if (!ENCRYPTED.matcher(hex).matches()) {
            throw new ImageException.MalformedManifest("has a <" + element.name() + "> that is no hex text");
        }
        return hex;
    }

    private static long number(XmlTree element, long max) {
        return number(element.name(), element.text(), max);
    }

    private static long number(String what, String text, long max) {
        if (!NUMBER.matcher(text).matches() || Long.parseLong(text) > max) {
            throw new ImageException.MalformedManifest("has the " + what + " " + Quoted.of(text));
        }
        return Long.parseLong(text);
    }
}
