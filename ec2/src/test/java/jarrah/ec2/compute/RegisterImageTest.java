package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.OTHER;
import static jarrah.ec2.compute.ComputeFixture.files;
import static jarrah.ec2.compute.LaunchTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.iam.Account;
import jarrah.images.bundle.BundleKeys;
import jarrah.images.bundle.BundleSpec;
import jarrah.images.bundle.Bundler;
import jarrah.images.bundle.DirectoryParts;
import jarrah.images.bundle.ImageType;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestWriter;
import jarrah.images.bundle.Pem;
import jarrah.images.bundle.Progress;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewBucket;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.ObjectOwnership;
import jarrah.s3.store.WriteCondition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RegisterImage of bundles in buckets: good ones become images, of bad ones nothing is left. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // the keys take their time
class RegisterImageTest {
    private static final int IMAGE_BYTES = 300_000;

    private final Path directory;
    private final ComputeFixture cloud;
    private final PrivateKey userKey;

    RegisterImageTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        cloud = new ComputeFixture(Files.createDirectory(directory.resolve("cloud")));
        userKey = Pem.privateKey(cloud.certificates.issue(cloud.admin).privateKey(), "issued");
        Account owner = cloud.admin.account();
        cloud.store
                .buckets()
                .create(new NewBucket(
                        "images",
                        ACCOUNT,
                        owner.canonicalId(),
                        "us-east-1",
                        CannedAcl.PRIVATE.expand(owner.canonicalId(), owner.canonicalId()),
                        ObjectOwnership.OBJECT_WRITER));
    }

    @AfterAll
    void close() {
        cloud.close();
    }

    private void put(String key, byte[] bytes) throws IOException {
        Account owner = cloud.admin.account();
        cloud.store
                .objects()
                .put(
                        new NewObject(
                                "images",
                                key,
                                bytes.length,
                                Metadata.NONE,
                                CannedAcl.PRIVATE.expand(owner.canonicalId(), owner.canonicalId()),
                                WriteCondition.NONE,
                                BodyDigests.NONE),
                        Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    /** A bundle of an image of that many bytes, its parts uploaded; the manifest is for the test to sign. */
    private Manifest bundle(Path image) throws IOException {
        var spec = new BundleSpec(
                "web",
                ACCOUNT,
                ImageType.MACHINE,
                new Manifest.Machine("x86_64", List.of(), Optional.empty(), Optional.empty(), List.of()),
                new Manifest.Bundler("jarrah", "0.1", "0"),
                Pem.certificate(cloud.certificates.cloudCertificate(), "cloud"),
                Optional.empty(),
                BundleKeys.random(new SecureRandom()),
                100_000,
                true,
                List.of());
        Path parts = Files.createTempDirectory(directory, "parts");
        Manifest manifest = Bundler.bundle(image, spec, new DirectoryParts(parts), Progress.NONE);
        for (Manifest.Part part : manifest.image().parts()) {
            put("web/" + part.fileName(), Files.readAllBytes(parts.resolve(part.fileName())));
        }
        return manifest;
    }

    private Path image() {
        return cloud.raw("web.raw", IMAGE_BYTES);
    }

    private void upload(byte[] document) throws IOException {
        put("web/web.manifest.xml", document);
    }

    private Image register(String accountId, Optional<String> kernel) {
        return cloud.compute
                .images()
                .register(
                        cloud.accounts.adminKey(accountId).principal(),
                        new NewImage(
                                Optional.of("images/web/web.manifest.xml"),
                                Optional.of("web"),
                                "",
                                Optional.empty(),
                                kernel,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Map.of("Role", "front")));
    }

    private void refusedAndNothingIsLeft() {
        refused("InvalidManifest", () -> register(ACCOUNT, Optional.empty()));
        assertThat(cloud.compute.images().list(ACCOUNT)).isEmpty();
        assertThat(cloud.compute.tags().all(ACCOUNT))
                .noneMatch(tagged -> tagged.resourceType().equals("image"));
        assertThat(files(cloud.images())).isEmpty();
    }

    private static Manifest changed(Manifest manifest, Optional<String> digest, Optional<Long> size) {
        Manifest.Image image = manifest.image();
        return new Manifest(
                manifest.version(),
                manifest.bundler(),
                manifest.machine(),
                new Manifest.Image(
                        image.name(),
                        image.user(),
                        image.type(),
                        image.kernelName(),
                        image.ancestors(),
                        digest.orElse(image.digest()),
                        size.orElse(image.size()),
                        image.bundledSize(),
                        image.forCloud(),
                        image.forUser(),
                        image.parts()),
                "");
    }

    @Test
    void aBundleSignedByItsAccountBecomesAnImageThatRuns() throws IOException {
        Path image = image();
        upload(ManifestWriter.signed(bundle(image), userKey));
        Image registered = register(ACCOUNT, Optional.empty());
        assertThat(registered.state()).isEqualTo("available");
        assertThat(registered.bytes()).isEqualTo(IMAGE_BYTES);
        assertThat(cloud.images().resolve(registered.id() + ".img")).hasSameBinaryContentAs(image);
        assertThat(cloud.compute.tags().of(ACCOUNT, registered.id())).containsEntry("Role", "front");
        String id = cloud.running(ComputeFixture.request(registered.id()));
        assertThat(cloud.hypervisor.of(id).spec().disks().getFirst().file()).hasFileName("root.qcow2");
        cloud.compute.images().deregister(ACCOUNT, registered.id());
        assertThat(files(cloud.images())).as("the running instance needs it").hasSize(1);
        cloud.compute.instances().terminate(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.TERMINATED);
        ComputeFixture.until(() -> files(cloud.images()).isEmpty(), () -> "" + files(cloud.images()));
    }

    @Test
    void theWordTrueForAKernelMakesItAKernel() throws IOException {
        upload(ManifestWriter.signed(bundle(image()), userKey));
        Image kernel = register(ACCOUNT, Optional.of("true"));
        assertThat(kernel.id()).startsWith("aki-");
        assertThat(kernel.type()).isEqualTo("kernel");
        cloud.compute.images().deregister(ACCOUNT, kernel.id());
    }

    @Test
    void aManifestSignedByAnotherAccountIsRefused() throws IOException {
        PrivateKey others = Pem.privateKey(
                cloud.certificates.issue(cloud.accounts.adminKey(OTHER)).privateKey(), "issued");
        upload(ManifestWriter.signed(bundle(image()), others));
        refusedAndNothingIsLeft();
    }

    @Test
    void aManifestChangedAfterItWasSignedIsRefused() throws IOException {
        String document = new String(ManifestWriter.signed(bundle(image()), userKey), StandardCharsets.UTF_8);
        upload(document.replace("<name>web</name>", "<name>wob</name>").getBytes(StandardCharsets.UTF_8));
        refusedAndNothingIsLeft();
    }

    @Test
    void twoImageElementsAreRefused() throws IOException {
        String document = new String(ManifestWriter.signed(bundle(image()), userKey), StandardCharsets.UTF_8);
        String element = document.substring(document.indexOf("<image>"), document.indexOf("</image>") + 8);
        upload(document.replace("<signature>", element + "<signature>").getBytes(StandardCharsets.UTF_8));
        refusedAndNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "no xml",
        "<manifest/>",
        "<!DOCTYPE m [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><manifest>&e;</manifest>"
    })
    void whatIsNoManifestIsRefused(String document) throws IOException {
        upload(document.getBytes(StandardCharsets.UTF_8));
        refusedAndNothingIsLeft();
    }

    @Test
    void aManifestWithoutEndIsNotReadToItsEnd() throws IOException {
        upload(new byte[Manifest.MAX_BYTES + 1]);
        refusedAndNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({"first", "last"})
    void aPartWithAFlippedBitIsRefused(String which) throws IOException {
        Manifest manifest = bundle(image());
        List<Manifest.Part> parts = manifest.image().parts();
        assertThat(parts).hasSizeGreaterThan(2);
        Manifest.Part part = which.equals("first") ? parts.getFirst() : parts.getLast();
        byte[] bytes;
        try (var reader = cloud.reader().open(cloud.admin.id(), "images", "web/" + part.fileName())) {
            bytes = reader.readAllBytes();
        }
        bytes[bytes.length / 2] ^= 1;
        put("web/" + part.fileName(), bytes);
        upload(ManifestWriter.signed(manifest, userKey));
        refusedAndNothingIsLeft();
    }

    @Test
    void aMissingPartIsRefused() throws IOException {
        Manifest manifest = bundle(image());
        cloud.store
                .objects()
                .delete("images", "web/" + manifest.image().parts().getLast().fileName(), WriteCondition.NONE);
        upload(ManifestWriter.signed(manifest, userKey));
        refusedAndNothingIsLeft();
    }

    @Test
    void aWrongDigestOfTheWholeIsRefused() throws IOException {
        upload(ManifestWriter.signed(changed(bundle(image()), Optional.of("0".repeat(40)), Optional.empty()), userKey));
        refusedAndNothingIsLeft();
    }

    @Test
    void aBombIsCutOffAtTheSizeThatItDeclares() throws IOException {
        Path zeros = Files.write(directory.resolve("zeros"), new byte[50_000_000]);
        upload(ManifestWriter.signed(changed(bundle(zeros), Optional.empty(), Optional.of(1_000L)), userKey));
        refusedAndNothingIsLeft();
    }

    @Test
    void aBundleForAnotherCloudIsRefused() throws IOException {
        Manifest manifest = bundle(image());
        Manifest.Image image = manifest.image();
        var elsewhere = new Manifest.EncryptedKeys("0".repeat(512), "0".repeat(512));
        upload(ManifestWriter.signed(
                new Manifest(
                        manifest.version(),
                        manifest.bundler(),
                        manifest.machine(),
                        new Manifest.Image(
                                image.name(),
                                image.user(),
                                image.type(),
                                image.kernelName(),
                                image.ancestors(),
                                image.digest(),
                                image.size(),
                                image.bundledSize(),
                                elsewhere,
                                elsewhere,
                                image.parts()),
                        ""),
                userKey));
        refusedAndNothingIsLeft();
    }

    @Test
    void whatAnotherAccountMayNotReadItCannotRegister() throws IOException {
        upload(ManifestWriter.signed(bundle(image()), userKey));
        refused("InvalidManifest", () -> register(OTHER, Optional.empty()));
        assertThat(files(cloud.images())).isEmpty();
    }

    private void policy(String effect, String principal, String action, String resource, String condition) {
        String document = """
                {"Version": "2012-10-17", "Statement": [{"Effect": "%s", "Principal": {"AWS": "%s"},
                 "Action": "%s", "Resource": "arn:aws:s3:::images/%s", "Condition": {%s}}]}""".formatted(effect, principal, action, resource, condition);
        cloud.store
                .settings()
                .put("images", BucketSettings.Kind.POLICY, document.getBytes(StandardCharsets.UTF_8), _ -> {});
    }

    private void withoutPolicy() {
        cloud.store.settings().delete("images", BucketSettings.Kind.POLICY);
    }

    @Test
    void theBucketsPolicyKeepsItsOwnerOutAsWell() throws IOException {
        upload(ManifestWriter.signed(bundle(image()), userKey));
        policy("Deny", ACCOUNT, "s3:GetObject", "*", "");
        refusedAndNothingIsLeft();
        withoutPolicy();
    }

    @Test
    void theBucketsPolicyKeepsPartsBackAsWell() throws IOException {
        Manifest manifest = bundle(image());
        upload(ManifestWriter.signed(manifest, userKey));
        String last = manifest.image().parts().getLast().fileName();
        policy("Deny", "*", "s3:GetObject", "web/" + last, "");
        refusedAndNothingIsLeft();
        withoutPolicy();
    }

    @Test
    void theBucketsPolicyLetsAnotherAccountIn() throws IOException {
        PrivateKey others = Pem.privateKey(
                cloud.certificates.issue(cloud.accounts.adminKey(OTHER)).privateKey(), "issued");
        Path image = image();
        upload(ManifestWriter.signed(bundle(image), others));
        policy("Allow", OTHER, "s3:GetObject", "web/*", "");
        Image registered = register(OTHER, Optional.empty());
        assertThat(registered.state()).isEqualTo("available");
        assertThat(cloud.images().resolve(registered.id() + ".img")).hasSameBinaryContentAs(image);
        cloud.compute.images().deregister(OTHER, registered.id());
        withoutPolicy();
    }

    @ParameterizedTest
    @CsvSource({
        "s3:GetObject, Bool, aws:SecureTransport, false, true",
        "s3:GetObject, Bool, aws:ViaAWSService, false, true",
        "s3:GetObject, Bool, aws:ViaAWSService, true, false",
        "s3:GetObject, StringNotEquals, s3:signatureversion, AWS4-HMAC-SHA256, true",
        "s3:GetObject, NotIpAddress, aws:SourceIp, 192.0.2.0/24, false"
    })
    void aConditionalDenialMeetsWhatIsReadOnAUsersBehalf(
            String action, String operator, String key, String value, boolean registers) throws IOException {
        upload(ManifestWriter.signed(bundle(image()), userKey));
        policy("Deny", "*", action, "*", "\"%s\": {\"%s\": \"%s\"}".formatted(operator, key, value));
        if (registers) {
            Image registered = register(ACCOUNT, Optional.empty());
            cloud.compute.images().deregister(ACCOUNT, registered.id());
        } else {
            refusedAndNothingIsLeft();
        }
        withoutPolicy();
    }
}
