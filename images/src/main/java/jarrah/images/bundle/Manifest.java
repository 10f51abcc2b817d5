package jarrah.images.bundle;

import java.util.List;
import java.util.Optional;

/**
 * The description of a bundle: what the image is, how its parts are put together and opened.
 *
 * <p>A value from {@link #parse} keeps every rule of the format; {@link ManifestWriter} writes it. The signature is checked
 * apart, against the bytes of the document: {@link ManifestSignature}.
 *
 * @param version {@link #VERSION}, or an older one that can be read: {@code 3}, {@code 2007-08-29}
 * @param bundler the program that wrote it
 * @param machine what the image wants of its machine
 * @param image what the image is made of
 * @param signature lower-case hex, or {@code UNSIGNED} or nothing
 */
public record Manifest(String version, Bundler bundler, Machine machine, Image image, String signature) {
    /** The version that is written. */
    public static final String VERSION = "2007-10-10";

    /** The longest manifest that is read, bytes: {@link #MAX_PARTS} parts with long names fit. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    /** The most parts; 100 GiB in parts of 10 MiB. */
    public static final int MAX_PARTS = 10_240;

    /** The largest image, bytes: 16 TiB. */
    public static final long MAX_IMAGE_BYTES = 1L << 44;

    /**
     * The program that bundled.
     *
     * @param name e.g. {@code ec2-ami-tools}
     * @param version e.g. {@code 1.5}
     * @param release e.g. {@code 3}
     */
    public record Bundler(String name, String version, String release) {}

    /**
     * What the image wants of its machine.
     *
     * @param architecture {@code i386}, {@code x86_64} and others
     * @param blockDeviceMapping virtual names and the devices they are to appear as
     * @param kernelId id of the kernel image; the word {@code true} says that this image is a kernel (Eucalyptus)
     * @param ramdiskId id of the ramdisk image; the word {@code true} says that this image is a ramdisk
     * @param productCodes single codes, whichever way the writer put them
     */
    public record Machine(
            String architecture,
            List<Mapping> blockDeviceMapping,
            Optional<String> kernelId,
            Optional<String> ramdiskId,
            List<String> productCodes) {
        public Machine {
            blockDeviceMapping = List.copyOf(blockDeviceMapping);
            productCodes = List.copyOf(productCodes);
        }
    }

    /**
     * One entry of the block device mapping.
     *
     * @param virtual {@code ami}, {@code root}, {@code swap}, {@code ephemeral0}...
     * @param device e.g. {@code sda1}, {@code /dev/sda1}
     */
    public record Mapping(String virtual, String device) {}

    /**
     * What the image is made of.
     *
     * @param name name of the image and of the tar's member
     * @param user account id, without hyphens
     * @param type as written; see {@link Manifest#type()} for what it comes to
     * @param kernelName of kernels only
     * @param ancestors ids of the images that it was made from, oldest first
     * @param digest SHA-1 of the tar, lower-case hex
     * @param size bytes of the image
     * @param bundledSize bytes of all parts
     * @param forCloud key and IV for the cloud's certificate
     * @param forUser key and IV for the user's certificate; empty texts where the bundler had none
     * @param parts in the order of their index
     */
    public record Image(
            String name,
            String user,
            ImageType type,
            Optional<String> kernelName,
            List<String> ancestors,
            String digest,
            long size,
            long bundledSize,
            EncryptedKeys forCloud,
            EncryptedKeys forUser,
            List<Part> parts) {
        public Image {
            ancestors = List.copyOf(ancestors);
            parts = List.copyOf(parts);
        }
    }

    /**
     * Key and IV encrypted for one certificate, lower-case hex.
     *
     * @param key RSA, PKCS#1 v1.5, of the key's 32 hex digits
     * @param iv the same of the IV
     */
    public record EncryptedKeys(String key, String iv) {
        /** Where the bundler had no certificate. */
        public static final EncryptedKeys NONE = new EncryptedKeys("", "");
    }

    /**
     * A part.
     *
     * @param index from 0
     * @param fileName relative to the manifest's own place; no slash, no {@code ..}
     * @param digest SHA-1 of its bytes, lower-case hex
     */
    public record Part(int index, String fileName, String digest) {}

    /**
     * Reads a manifest and checks everything that can be told from it alone.
     *
     * @param document the bytes, at most {@link #MAX_BYTES}
     * @throws ImageException.MalformedManifest with the first fault found
     */
    public static Manifest parse(byte[] document) {
        return ManifestParser.parse(ManifestText.of(document));
    }

    /** What the image is: its type, or what the word {@code true} in the place of a kernel or ramdisk id makes of it. */
    public ImageType type() {
        if (machine.kernelId().filter(Manifest::isMarker).isPresent()) {
            return ImageType.KERNEL;
        }
        if (machine.ramdiskId().filter(Manifest::isMarker).isPresent()) {
            return ImageType.RAMDISK;
        }
        return image.type();
    }

    private static boolean isMarker(String id) {
        return id.equalsIgnoreCase("true") || id.equalsIgnoreCase("yes");
    }

    /** The same for another kernel and ramdisk. */
    public Manifest withKernel(Optional<String> kernelId, Optional<String> ramdiskId) {
        return new Manifest(
                version,
                bundler,
                new Machine(
                        machine.architecture, machine.blockDeviceMapping, kernelId, ramdiskId, machine.productCodes),
                image,
                signature);
    }

    /** The same for another cloud. */
    public Manifest withCloudKeys(EncryptedKeys keys) {
        return new Manifest(
                version,
                bundler,
                machine,
                new Image(
                        image.name,
                        image.user,
                        image.type,
                        image.kernelName,
                        image.ancestors,
                        image.digest,
                        image.size,
                        image.bundledSize,
                        keys,
                        image.forUser,
                        image.parts),
                signature);
    }
}
