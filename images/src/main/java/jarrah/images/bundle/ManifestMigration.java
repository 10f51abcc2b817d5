package jarrah.images.bundle;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Readdresses a bundle to another cloud. Its parts stay as they are: only the manifest changes, so nothing has to be
 * downloaded, opened and bundled again.
 */
public final class ManifestMigration {
    private ManifestMigration() {}

    /**
     * The manifest for the target.
     *
     * @param manifest one that has been checked, its signature too
     * @param userKey private key of the user who bundled; opens the bundle
     * @param cloud the target's certificate; empty to leave the cloud's keys as they are, as ec2-ami-tools does, which
     *     holds only where both clouds have one certificate
     * @param kernelId the kernel's id in the target; empty for none
     * @param ramdiskId the ramdisk's id in the target; empty for none
     * @return to be written with {@link ManifestWriter#signed}
     * @throws ImageException.WrongKey if the key does not open the bundle
     */
    public static Manifest migrate(
            Manifest manifest,
            PrivateKey userKey,
            Optional<X509Certificate> cloud,
            Optional<String> kernelId,
            Optional<String> ramdiskId) {
        Manifest migrated = manifest.withKernel(kernelId, ramdiskId);
        return cloud.map(certificate -> migrated.withCloudKeys(
                        BundleKeys.recover(manifest, userKey).encryptFor(certificate)))
                .orElse(migrated);
    }
}
