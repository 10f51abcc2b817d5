package jarrah.images.bundle;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Names of images and parts. */
final class FileNames {
    /** What a usual file system takes, bytes. */
    private static final int MAX_BYTES = 255;

    private FileNames() {}

    /** Why a name cannot stand for one file beside the manifest; empty if it can. */
    static Optional<String> fault(String name) {
        if (name.isEmpty()) {
            return Optional.of("is empty");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return Optional.of("is longer than " + MAX_BYTES + " bytes");
        }
        if (name.indexOf('/') >= 0 || name.contains("..") || name.equals(".")) {
            return Optional.of("is no plain file name");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("has control characters");
        }
        return Optional.empty();
    }

    /**
     * The name of a part as ec2-ami-tools gives it: the index filled with zeros to the digits of the <em>number</em> of
     * parts, so that {@code image.part.000} comes from 100 to 999 parts.
     */
    static String part(String image, int index, int count) {
        int digits = Integer.toString(count).length();
        return image + ".part." + String.format(Locale.ROOT, "%0" + digits + "d", index);
    }
}
