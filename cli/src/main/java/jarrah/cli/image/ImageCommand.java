package jarrah.cli.image;

import jarrah.cli.Surroundings;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jarrah image}: the commands about images, and the historical names of those that had one. */
@Command(
        name = "image",
        description = "Add images, bundle them, and move and register bundles.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image add-tiny",
            "  jarrah image import debian-12.qcow2 --name debian-12 --ebs",
            "  jarrah image bundle -i disk.img -r x86_64",
            "  jarrah image upload -b my-bucket -m /tmp/disk.img.manifest.xml",
            "  jarrah image register my-bucket/disk.img.manifest.xml -n my-image",
            "  jarrah image download -b my-bucket -m disk.img.manifest.xml -d bundle",
            "  jarrah image unbundle -m bundle/disk.img.manifest.xml -s bundle -d .",
            "",
            "The historical names work too: jarrah ec2-bundle-image, euca-upload-bundle, ec2-register ...",
            "Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
public final class ImageCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    /** Adds {@code image} and the historical names to the command line. */
    public static void addTo(CommandLine root, Surroundings around) {
        var image = new CommandLine(new ImageCommand());
        image.addSubcommand(new AddTinyCommand());
        image.addSubcommand(new ImportCommand(around));
        image.addSubcommand(new BundleCommand(around));
        image.addSubcommand(new BundleVolCommand(around));
        image.addSubcommand(new UploadCommand(around));
        image.addSubcommand(new DownloadCommand(around));
        image.addSubcommand(new UnbundleCommand(around));
        image.addSubcommand(new RegisterCommand(around));
        image.addSubcommand(new MigrateManifestCommand(around));
        root.addSubcommand(image);
        historical(root, () -> new BundleCommand(around), "ec2-bundle-image", "euca-bundle-image");
        historical(root, () -> new UploadCommand(around), "ec2-upload-bundle", "euca-upload-bundle");
        historical(root, () -> new DownloadCommand(around), "ec2-download-bundle", "euca-download-bundle");
        historical(root, () -> new UnbundleCommand(around), "ec2-unbundle", "euca-unbundle");
        historical(root, () -> new RegisterCommand(around), "ec2-register", "euca-register");
        historical(root, () -> new MigrateManifestCommand(around), "ec2-migrate-manifest");
        historical(root, () -> new BundleVolCommand(around), "ec2-bundle-vol", "euca-bundle-vol");
    }

    private static void historical(CommandLine root, Supplier<?> command, String... names) {
        for (String name : names) {
            var line = new CommandLine(command.get());
            line.setCommandName(name);
            line.getCommandSpec().usageMessage().hidden(true);
            root.addSubcommand(name, line);
        }
    }

    @Override
    public Integer call() {
        CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }
}
