package jarrah.images.bundle;

import java.util.Locale;

/** What an image is for. */
public enum ImageType {
    /** A disk or file system that an instance boots from. */
    MACHINE,
    /** A kernel that is started directly (AKI, EKI). */
    KERNEL,
    /** The ramdisk that goes with a kernel (ARI, ERI). */
    RAMDISK;

    /** The word in the manifest. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ImageType of(String word) {
        for (ImageType type : values()) {
            if (type.word().equals(word)) {
                return type;
            }
        }
        throw new ImageException.MalformedManifest("has the unknown image type " + Quoted.of(word));
    }
}
