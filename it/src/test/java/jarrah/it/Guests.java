package jarrah.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A region's virtual machines, from their owner's side: the aws CLI, ssh, and what the host shows of them. */
final class Guests {
    /** The tiny image is built into it once for all tests of this machine; its packages take a minute to fetch. */
    private static final Path TINY =
            Path.of(System.getProperty("jarrah.tiny", System.getProperty("user.home") + "/.cache/jarrah-test/tiny"));

    /** A guest under emulation on a busy machine; reaching it is a failure. */
    private static final int PATIENCE_SECONDS = 120;

    private final Region region;
    private final Shell shell;
    private final Path directory;
    private final Map<String, String> publicAddresses = new HashMap<>();

    Guests(Region region, Shell shell, Path directory) {
        this.region = region;
        this.shell = shell;
        this.directory = directory;
    }

    /** Reports the test as not run where machines on a whole network cannot be had. */
    static void require(String test) throws IOException {
        for (String program : List.of(
                "aws", "ssh", "ssh-keygen", "qemu-system-x86_64", "qemu-img", "ip", "nft", "nsenter", "mkfs.ext4")) {
            Shell.require(program, test);
        }
        Shell.requireRoot(test);
    }

    /** The tiny image in this region. */
    static String tiny(Region region, String test) throws IOException, InterruptedException {
        Files.createDirectories(TINY);
        Files.createSymbolicLink(region.data().resolve("tiny"), TINY);
        Shell.Outcome outcome = AccountCommands.attempt(region, "image", "add-tiny", "--ebs", "--quiet");
        if (outcome.exit() != 0) {
            Shell.notRun(
                    test, "the tiny image cannot be built: " + outcome.output().strip());
        }
        return outcome.output().strip();
    }

    /** A key pair made by the region, its private key in a file named {@code NAME.pem}. */
    void keyPair(String name) throws IOException, InterruptedException {
        shell.run("umask 077; aws ec2 create-key-pair --key-name " + name + " --key-type ed25519"
                + " --query KeyMaterial --output text > " + name + ".pem");
    }

    /** Launches a t2.nano; gives its id. */
    String run(String image, String options) throws IOException, InterruptedException {
        return shell.run("aws ec2 run-instances --image-id " + image + " --instance-type t2.nano " + options
                        + " --query 'Instances[0].InstanceId' --output text")
                .strip();
    }

    /** One attribute of an instance, by its path in the answer. */
    String attribute(String id, String path) throws IOException, InterruptedException {
        return shell.run("aws ec2 describe-instances --instance-ids " + id + " --query 'Reservations[0].Instances[0]."
                        + path + "' --output text")
                .strip();
    }

    /** Where an instance is reached from the host, which stays as long as it runs. */
    String publicAddress(String id) throws IOException, InterruptedException {
        String known = publicAddresses.get(id);
        if (known == null) {
            known = attribute(id, "PublicIpAddress");
            publicAddresses.put(id, known);
        }
        return known;
    }

    void awaitState(String id, String state) throws IOException, InterruptedException {
        long deadline = deadline();
        String now = attribute(id, "State.Name");
        while (!now.equals(state)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(id + " is " + now + ", not " + state + "\n" + region.log());
            }
            now = attribute(id, "State.Name");
        }
    }

    String console(String id) throws IOException, InterruptedException {
        return shell.run("aws ec2 get-console-output --instance-id " + id + " --query Output --output text");
    }

    /** Waits until the console has said so, that many times since the instance was launched; gives the console. */
    String awaitReady(String id, int times) throws IOException, InterruptedException {
        long deadline = deadline();
        String console = console(id);
        while (console.split("TINY-READY", -1).length <= times) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(id + " is not ready for the " + times + ". time:\n" + console + region.log());
            }
            console = console(id);
        }
        return console;
    }

    static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    }

    /** Runs a command in a guest; it must succeed. */
    String ssh(String key, String address, String command) throws IOException, InterruptedException {
        Shell.Outcome outcome = trySsh(key, address, command);
        if (outcome.exit() != 0) {
            throw new AssertionError("exit " + outcome.exit() + " of: " + command + "\n" + outcome.output());
        }
        return outcome.output();
    }

    Shell.Outcome trySsh(String key, String address, String command) throws IOException, InterruptedException {
        Path script = Files.writeString(directory.resolve("command.sh"), command + "\n");
        return shell.attempt("ssh -i " + key + ".pem -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR"
                + " -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 root@" + address + " sh -s < " + script);
    }

    /** QEMU's process of an instance; the launcher's own processes are gone by the time that it runs. */
    long pid(String id) {
        List<Long> found = qemus(command -> command.contains(id));
        if (found.size() != 1) {
            throw new AssertionError("processes of " + id + ": " + found);
        }
        return found.getFirst();
    }

    /** Whether a QEMU of that process id runs; one that has ended and that nobody waits for does not. */
    static boolean runs(long pid) {
        return commandLine(pid).contains("qemu-system");
    }

    /** QEMU processes of this region. */
    List<Long> qemus() {
        return qemus(command -> command.contains(region.data().toString()));
    }

    private static List<Long> qemus(Predicate<String> mine) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    String command = commandLine(process.pid());
                    return command.contains("qemu-system") && mine.test(command);
                })
                .map(ProcessHandle::pid)
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return ""; // ended meanwhile
        }
    }

    /** The names of this region's network namespaces. */
    List<String> namespaces() throws IOException, InterruptedException {
        return shell.run("ip netns list")
                .lines()
                .map(line -> line.split(" ")[0])
                .filter(name -> name.startsWith("jarrah-" + fabricId()))
                .toList();
    }

    /** The taps in this region's namespaces. */
    List<String> taps() throws IOException, InterruptedException {
        return shell.run("for n in " + String.join(" ", namespaces()) + "; do ip -n $n -o link; done")
                .lines()
                .map(line -> line.split(": ")[1])
                .filter(name -> name.matches("jr[0-9a-f]{13}"))
                .toList();
    }

    /** As docs/compute/network.md says: names hold a hash of the fabric's directory. */
    private String fabricId() {
        try {
            byte[] path = region.data().resolve("network").toString().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(path))
                    .substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends the region and takes it off the host; nothing of it may stay. */
    void destroy() throws IOException, InterruptedException {
        region.close();
        Shell.Outcome outcome = AccountCommands.attempt(
                region, "destroy", "--data", region.data().toString(), "--yes");
        List<String> left = namespaces();
        if (outcome.exit() != 0 || !qemus().isEmpty() || !left.isEmpty() || Files.exists(region.data())) {
            throw new AssertionError("left after destroy: " + qemus() + left + "\n" + outcome.output());
        }
    }
}
