package jarrah.images.bundle;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.List;

/**
 * Writes manifests so that both families of tools accept document and signature: attributes in single quotes, no white
 * space, no empty-element tags. ec2-ami-tools writes a document anew by these rules before it checks the signature, so only
 * a document that is written so already can hold.
 */
public final class ManifestWriter {
    private final StringBuilder out = new StringBuilder(4_096);

    private ManifestWriter() {}

    /**
     * The document, version {@link Manifest#VERSION}, signed anew; the signature in the manifest does not matter.
     *
     * @param key the user's private key, RSA
     */
    public static byte[] signed(Manifest manifest, PrivateKey key) {
        String covered = machine(manifest) + image(manifest);
        return document(manifest, ManifestSignature.sign(covered.getBytes(StandardCharsets.UTF_8), key));
    }

    /** The document with the word {@code UNSIGNED} for a signature, as euca2ools writes it without a private key. */
    public static byte[] unsigned(Manifest manifest) {
        return document(manifest, "UNSIGNED");
    }

    private static byte[] document(Manifest manifest, String signature) {
        var writer = new ManifestWriter();
        writer.out.append("<?xml version='1.0'?>");
        writer.open("manifest").text("version", Manifest.VERSION);
        writer.open("bundler")
                .text("name", manifest.bundler().name())
                .text("version", manifest.bundler().version())
                .text("release", manifest.bundler().release())
                .close("bundler");
        writer.out.append(machine(manifest)).append(image(manifest));
        writer.text("signature", signature).close("manifest");
        return writer.out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String machine(Manifest manifest) {
        Manifest.Machine machine = manifest.machine();
        var writer = new ManifestWriter();
        writer.open("machine_configuration").text("architecture", machine.architecture());
        if (!machine.blockDeviceMapping().isEmpty()) {
            writer.open("block_device_mapping");
            for (Manifest.Mapping mapping : machine.blockDeviceMapping()) {
                writer.open("mapping")
                        .text("virtual", mapping.virtual())
                        .text("device", mapping.device())
                        .close("mapping");
            }
            writer.close("block_device_mapping");
        }
        machine.kernelId().ifPresent(id -> writer.text("kernel_id", id));
        machine.ramdiskId().ifPresent(id -> writer.text("ramdisk_id", id));
        writer.list("product_codes", "product_code", machine.productCodes());
        return writer.close("machine_configuration").out.toString();
    }

    private static String image(Manifest manifest) {
        Manifest.Image image = manifest.image();
        var writer = new ManifestWriter();
        writer.open("image")
                .text("name", image.name())
                .text("user", image.user())
                .text("type", image.type().word());
        image.kernelName().ifPresent(name -> writer.text("kernel_name", name));
        writer.list("ancestry", "ancestor_ami_id", image.ancestors());
        writer.text("digest", "algorithm", "SHA1", image.digest())
                .text("size", Long.toString(image.size()))
                .text("bundled_size", Long.toString(image.bundledSize()))
                .text(
                        "ec2_encrypted_key",
                        "algorithm",
                        "AES-128-CBC",
                        image.forCloud().key())
                .text(
                        "user_encrypted_key",
                        "algorithm",
                        "AES-128-CBC",
                        image.forUser().key())
                .text("ec2_encrypted_iv", image.forCloud().iv())
                .text("user_encrypted_iv", image.forUser().iv());
        writer.out.append("<parts count='").append(image.parts().size()).append("'>");
        for (Manifest.Part part : image.parts()) {
            writer.out.append("<part index='").append(part.index()).append("'>");
            writer.text("filename", part.fileName()).text("digest", "algorithm", "SHA1", part.digest());
            writer.close("part");
        }
        return writer.close("parts").close("image").out.toString();
    }

    private ManifestWriter open(String name) {
        out.append('<').append(name).append('>');
        return this;
    }

    private ManifestWriter close(String name) {
        out.append("</").append(name).append('>');
        return this;
    }

    private ManifestWriter text(String name, String value) {
        open(name);
        escape(value);
        return close(name);
    }

    private ManifestWriter text(String name, String attribute, String attributeValue, String value) {
        out.append('<')
                .append(name)
                .append(' ')
                .append(attribute)
                .append("='")
                .append(attributeValue)
                .append("'>");
        escape(value);
        return close(name);
    }

    private void list(String container, String item, List<String> values) {
        if (!values.isEmpty()) {
            open(container);
            values.forEach(value -> text(item, value));
            close(container);
        }
    }

    private void escape(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                default -> out.append(c);
            }
        }
    }
}
