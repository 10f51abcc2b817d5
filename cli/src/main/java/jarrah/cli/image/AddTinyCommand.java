package jarrah.cli.image;

import jarrah.cli.DataDirectoryOption;
import jarrah.cli.SocketAdminClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code jarrah image add-tiny}: an image to boot, for those who have none. */
@Command(
        name = "add-tiny",
        description =
                "Build a tiny Linux image from Debian packages and register it: kernel, ramdisk and machine image.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image add-tiny",
            "  aws ec2 run-instances --image-id \"$(jarrah image add-tiny --quiet)\" --key-name me",
            "",
            "The packages (some 45 MB) are fetched by apt-get from where this host gets its own; none is installed.",
            "Built once and kept: the same call again answers with the same image.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class AddTinyCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    /** Packages are fetched, and an image is built of them. */
    private static final Duration PATIENCE = Duration.ofHours(1);

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Option(names = "--ebs", description = "Begin with a snapshot: instances have a volume as root and can be stopped.")
    private boolean ebs;

    @Option(names = "--account", paramLabel = "NAME", description = "Who owns it (default: the first account).")
    private @Nullable String account;

    @Option(names = "--quiet", description = "Print the machine image's id alone.")
    private boolean quiet;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (!quiet) {
            out.println("Building the tiny image (the first time takes a minute) ...");
            out.flush();
        }
        var request = new JsonMapper().createObjectNode().put("ebs", ebs);
        if (account != null) {
            request.put("account", account);
        }
        JsonNode image = new SocketAdminClient(data.directory()).call("POST", "/images/tiny", request, PATIENCE);
        ImportCommand.print(out, image, quiet);
        if (!quiet) {
            String id = image.path("imageId").asString("");
            out.printf("%nBoot it:%n%n");
            out.println("  aws ec2 create-key-pair --key-name me --query KeyMaterial --output text > me.pem");
            out.println("  chmod 600 me.pem");
            out.println("  aws ec2 authorize-security-group-ingress --group-name default \\");
            out.println("      --protocol tcp --port 22 --cidr 0.0.0.0/0");
            out.println("  aws ec2 run-instances --image-id " + id + " --key-name me --instance-type t2.nano");
            out.println("  aws ec2 describe-instances --query 'Reservations[].Instances[].PublicIpAddress'");
            out.println("  ssh -i me.pem root@ADDRESS");
        }
        return 0;
    }
}
