package jarrah.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.images.bundle.BundleKeys;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestSignature;
import jarrah.images.bundle.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manifest moves to a region that has the same kernel under another id, and to a cloud with another certificate. */
class MigrateManifestTest {
    @TempDir
    Path directory;

    private final TestRegion here = new TestRegion();
    private final TestRegion there = new TestRegion();
    private Map<String, String> environment = Map.of();
    private Path manifest = Path.of("");

    @BeforeEach
    void aBundleWithAKernel() throws IOException {
        environment = CommandRun.environment(here);
        here.regions.put("home-1", here.url() + "/services/compute");
        here.regions.put("far-1", there.url() + "/services/compute");
        here.images.add(new String[] {"aki-11111111", "999988887777", "kernel", "kernels-home/vmlinuz.manifest.xml"});
        there.images.add(new String[] {"aki-33333333", "999988887777", "ramdisk", "kernels-far/vmlinuz.manifest.xml"});
        there.images.add(new String[] {"aki-22222222", "999988887777", "kernel", "kernels-far/vmlinuz.manifest.xml"});
        Path image = Files.write(directory.resolve("image"), new byte[] {1, 2, 3});
        assertThat(run("image bundle -r x86_64 --kernel aki-11111111 -i " + image + " -d " + directory)
                        .code())
                .isZero();
        manifest = directory.resolve("image.manifest.xml");
    }

    @AfterEach
    void end() {
        here.close();
        there.close();
    }

    private CommandRun run(String line) {
        return CommandRun.of(environment, "", line.split(" "));
    }

    private Manifest migrated() throws IOException {
        byte[] document = Files.readAllBytes(manifest);
        assertThat(ManifestSignature.signer(document, List.of(Pem.certificate(CommandRun.key("user-cert.pem")))))
                .isPresent();
        return Manifest.parse(document);
    }

    @Test
    void theKernelOfTheSameOwnerAndNameIsFound() throws IOException {
        byte[] before = Files.readAllBytes(manifest);
        CommandRun run = run("ec2-migrate-manifest -m " + manifest + " --region far-1 --ec2cert "
                + CommandRun.key("other-cloud-cert.pem"));
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Backing up manifest...", "Successfully migrated " + manifest)
                .contains("It is now suitable for use in far-1.");
        assertThat(migrated().machine().kernelId()).contains("aki-22222222");
        assertThat(BundleKeys.recover(migrated(), Pem.privateKey(CommandRun.key("other-cloud-pk.pem")))
                        .keyHex())
                .isEqualTo(BundleKeys.recover(migrated(), Pem.privateKey(CommandRun.key("user-pk.pem")))
                        .keyHex());
        assertThat(directory.resolve("image.manifest.xml.bak")).hasBinaryContent(before);
    }

    @Test
    void aBackupIsNeverOverwritten() throws IOException {
        Files.writeString(directory.resolve("image.manifest.xml.bak"), "precious");
        CommandRun run = run("ec2-migrate-manifest -m " + manifest + " --no-mapping --kernel eki-1");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("exists already").hasLineCount(1);
        assertThat(migrated().machine().kernelId()).contains("aki-11111111");
    }

    @Test
    void droppingAKernelIsAskedFor() throws IOException {
        String line = "image migrate-manifest -m " + manifest + " --no-mapping";
        CommandRun no = run(line);
        assertThat(no.code()).isEqualTo(1);
        assertThat(no.out()).contains("Drop it? [y/N]", "Nothing was changed.");
        assertThat(directory.resolve("image.manifest.xml.bak")).doesNotExist();
        assertThat(CommandRun.of(environment, "yes\n", line.split(" ")).code()).isZero();
        assertThat(migrated().machine().kernelId()).isEmpty();
    }

    @Test
    void aManifestOfSomebodyElseIsRefused() {
        environment.put("EC2_CERT", CommandRun.key("cloud-cert.pem").toString());
        CommandRun run = run("ec2-migrate-manifest -m " + manifest + " --no-mapping --kernel eki-1");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("fails authentication").hasLineCount(1);
    }

    @Test
    void anUnknownKernelNeedsAWord() {
        here.images.clear();
        CommandRun run = run("ec2-migrate-manifest -m " + manifest + " --region far-1");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("no region knows the image aki-11111111").hasLineCount(1);
    }
}
