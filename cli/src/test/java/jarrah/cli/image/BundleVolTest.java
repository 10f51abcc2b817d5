package jarrah.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import jarrah.images.volume.VolumeImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory tree with all that file systems know is bundled as a volume, unbundled, and compared. */
class BundleVolTest {
    @TempDir
    Path directory;

    private final TestRegion region = new TestRegion();
    private Map<String, String> environment = Map.of();
    private Path volume = Path.of("");
    private Path destination = Path.of("");

    @BeforeEach
    void aVolume() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "needs loop devices");
        environment = CommandRun.environment(region, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
        volume = Files.createDirectory(directory.resolve("volume"));
        destination = Files.createDirectory(directory.resolve("out"));
        shell("""
                mkdir -p etc boot/grub dev mnt/kept proc tmp 'od d' home/.ssh srv/cache usr/lib
                chmod 1777 tmp; chown 12:34 'od d'; chmod 2750 'od d'
                echo old > etc/fstab; echo menu > boot/grub/menu.lst
                echo secret > home/server.pem; echo wanted > home/wanted.pem; echo key > home/.ssh/authorized_keys
                echo not > mnt/kept/file; echo not > srv/cache/file; echo not > proc/file
                head -c 3000000 /dev/urandom > usr/lib/large
                ln usr/lib/large usr/lib/hard; ln -s large usr/lib/soft; ln -s /nowhere usr/lib/broken
                truncate -s 200M usr/lib/sparse; printf end >> usr/lib/sparse
                mkfifo usr/lib/fifo; mknod usr/lib/node b 7 99
                printf x > "$(printf 'name with \\nline')"
                setfattr -n user.colour -v blue usr/lib/large 2>/dev/null || :
                setcap cap_net_raw+ep usr/lib/hard 2>/dev/null || :
                """);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        region.close();
        if (Files.isDirectory(destination)) {
            assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(directory.toString());
            try (Stream<Path> files = Files.list(destination)) {
                assertThat(files.map(path -> path.getFileName().toString()))
                        .noneMatch(name -> name.startsWith(".jarrah"));
            }
        }
    }

    private String shell(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-eu", "-c", script)
                .directory(volume.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }

    private CommandRun run(String... words) {
        return CommandRun.of(environment, "", words);
    }

    /** Everything about everything below a directory but times and inode numbers. */
    private static final String INVENTORY =
            "find . -mindepth 1 -printf '%P %y %m %U %G %n %l ' \\( -type f -printf '%s ' -exec sh -c 'md5sum < \"$1\"' sh {} \\;"
                    + " -o -printf '\\n' \\) | LC_ALL=C sort; getfattr -R -h -d -m - . 2>/dev/null || :; getcap -r . 2>/dev/null | LC_ALL=C sort";

    @Test
    void theCopyIsWhatTheVolumeIsButForWhatIsLeftOut() throws Exception {
        CommandRun made = run(
                "ec2-bundle-vol",
                "--batch",
                "-v",
                volume.toString(),
                "-d",
                destination.toString(),
                "-s",
                "64",
                "-e",
                volume.resolve("srv/cache").toString(),
                "-i",
                volume.resolve("home/wanted.pem").toString(),
                "-r",
                "x86_64",
                "--generate-fstab",
                "--no-inherit");
        assertThat(made.err()).isEmpty();
        assertThat(made.code()).isZero();
        assertThat(made.out())
                .contains("Copying " + volume.toRealPath() + " into the image file image...")
                .contains("Bundling image file...", "Created image.part.0", "ec2-bundle-vol complete.");
        Path back = Files.createDirectory(directory.resolve("back"));
        assertThat(run(
                                "ec2-unbundle",
                                "-m",
                                destination + "/image.manifest.xml",
                                "-s",
                                destination.toString(),
                                "-d",
                                back.toString())
                        .code())
                .isZero();
        shell("e2fsck -fn " + back.resolve("image"));
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        shell("mount -o loop,ro " + back.resolve("image") + " " + mounted);
        try {
            String uuid =
                    shell("blkid -s UUID -o value " + back.resolve("image")).strip();
            assertThat(mounted.resolve("etc/fstab")).content().isEqualTo("UUID=" + uuid + " / ext4 defaults 0 1\n");
            assertThat(mounted.resolve("mnt")).isEmptyDirectory();
            assertThat(mounted.resolve("proc")).isEmptyDirectory();
            assertThat(mounted.resolve("srv/cache")).isEmptyDirectory();
            assertThat(mounted.resolve("home/server.pem")).doesNotExist();
            assertThat(mounted.resolve("home/.ssh/authorized_keys")).doesNotExist();
            assertThat(mounted.resolve("home/wanted.pem")).hasContent("wanted");
            assertThat(shell("stat -c '%F %t %T' " + mounted.resolve("dev/null")))
                    .isEqualTo("character special file 1 3\n");
            assertThat(Long.parseLong(shell("stat -c %b " + mounted.resolve("usr/lib/sparse"))
                            .strip()))
                    .as("blocks of the sparse file")
                    .isLessThan(100);
            String left =
                    "rm -rf mnt/kept srv/cache/file proc/file home/server.pem home/.ssh/authorized_keys dev etc/fstab\n";
            String copy = shell("cd " + mounted + " && mkdir -p " + directory + "/over\n" + INVENTORY);
            assertThat(copy.lines()
                            .filter(line -> !line.startsWith("lost+found") && !line.startsWith("dev"))
                            .filter(line -> !line.startsWith("etc/fstab")))
                    .containsExactlyElementsOf(shell(left + INVENTORY).lines().toList());
        } finally {
            shell("umount " + mounted);
        }
    }

    @Test
    void whatIsTooLargeIsRefusedAndNothingStays() throws Exception {
        CommandRun full = run(
                "image",
                "bundle-vol",
                "-v",
                volume.toString(),
                "-d",
                destination.toString(),
                "-s",
                "16",
                "--no-inherit",
                "-e",
                volume.resolve("none").toString(),
                "-r",
                "x86_64",
                "--no-filter");
        shell("head -c 30000000 /dev/urandom > usr/lib/larger");
        CommandRun over = run(
                "image",
                "bundle-vol",
                "-v",
                volume.toString(),
                "-d",
                destination.toString(),
                "-s",
                "16",
                "--no-inherit",
                "-r",
                "x86_64");
        assertThat(full.code()).as(full.err()).isZero();
        assertThat(over.code()).isEqualTo(1);
        assertThat(over.err()).contains("an image of 16 MB is too small").hasLineCount(1);
    }

    @Test
    void wrongUsageIsExplainedAndChangesNothing() {
        for (String[] each : new String[][] {
            {"-P", "mbr"},
            {"-s", "20000"},
            {"-s", "1"},
            {"-e", "relative"},
            {"--fstab", "/etc/fstab", "--generate-fstab"}
        }) {
            var words = Stream.concat(
                    Stream.of("ec2-bundle-vol", "--batch", "-v", volume.toString(), "-d", destination.toString()),
                    Stream.of(each));
            CommandRun run = run(words.toArray(String[]::new));
            assertThat(run.code()).as(List.of(each).toString()).isEqualTo(2);
        }
        assertThat(run("ec2-bundle-vol", "-d", destination.resolve("none").toString())
                        .code())
                .isEqualTo(1);
        assertThat(destination).isEmptyDirectory();
    }

    @Test
    void anInterruptTakesDownWhatIsMounted() throws Exception {
        shell("mkfifo wait; printf 'touch %s; cat %s' " + directory.resolve("there") + " " + volume.resolve("wait")
                + " > script; printf '#!/bin/sh\\n%s\\n' \"$(cat script)\" > script; chmod +x script");
        var request = new VolumeImage.Request(
                volume.toRealPath(),
                destination.toRealPath(),
                64,
                List.of(),
                VolumeImage.FILTER,
                List.of(),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.of(volume.resolve("script")));
        var image = VolumeImage.begin(request);
        var failure = new AtomicReference<Exception>();
        Thread making = Thread.ofVirtual().start(() -> {
            try {
                image.make((_, _) -> {});
            } catch (IOException | InterruptedException e) {
                failure.set(e);
            }
        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(directory.resolve("there"))) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).contains(directory.toString());
        image.close();
        Files.writeString(volume.resolve("wait"), "go on");
        making.join();
        assertThat(failure).doesNotHaveNullValue();
    }

    @Test
    void whatTheInstanceSaysOfItselfIsTakenOver() throws Exception {
        HttpServer metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Map<String, String> says = Map.of(
                "/latest/api/token", "t0",
                "/latest/meta-data/ami-id", "ami-12345678",
                "/latest/meta-data/ancestor-ami-ids", "ami-87654321\n",
                "/latest/meta-data/kernel-id", "aki-12345678",
                "/latest/meta-data/block-device-mapping/", "ami\nroot",
                "/latest/meta-data/block-device-mapping/ami", "sda1",
                "/latest/meta-data/block-device-mapping/root", "/dev/sda1");
        metadata.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean allowed = path.endsWith("/token")
                    || "t0".equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"));
            byte[] text = says.getOrDefault(path, "").getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(!allowed ? 401 : text.length == 0 ? 404 : 200, Math.max(text.length, 1));
            exchange.getResponseBody().write(text.length == 0 ? new byte[1] : text);
            exchange.close();
        });
        metadata.start();
        try {
            environment = CommandRun.environment(
                    region,
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                    "http://127.0.0.1:" + metadata.getAddress().getPort());
            CommandRun made = run(
                    "image",
                    "bundle-vol",
                    "-v",
                    volume.toString(),
                    "-d",
                    destination.toString(),
                    "-s",
                    "64",
                    "-r",
                    "x86_64");
            assertThat(made.err()).isEmpty();
            assertThat(made.code()).isZero();
            assertThat(destination.resolve("image.manifest.xml"))
                    .content()
                    .contains("<kernel_id>aki-12345678</kernel_id>")
                    .contains("<ancestor_ami_id>ami-12345678</ancestor_ami_id>")
                    .contains("<ancestor_ami_id>ami-87654321</ancestor_ami_id>")
                    .contains("<virtual>root</virtual><device>/dev/sda1</device>");
        } finally {
            metadata.stop(0);
        }
    }
}
