package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ec2-bundle-vol}, which bundled the running root file system from inside a guest: says what does the same here. */
@Command(
        name = "ec2-bundle-vol",
        description = "Not offered here: the running root file system is not bundled from inside. See below.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nInstead:%n",
        footer = {
            "  jarrah image bundle i-0123456789abcdef0    from outside, for an instance of the local server",
            "  jarrah image bundle -i FILE                for an image file that you have made yourself",
            "",
            "Exit code: 1."
        })
final class BundleVolCommand implements Callable<Integer> {
    /** Whatever the tool took; an old script shall get the explanation and not a list of unknown options. */
    @Parameters(arity = "0..*", hidden = true, description = "Passed over.")
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private List<String> ignored = new ArrayList<>();

    @Override
    public Integer call() {
        throw new CommandFailed("a running root file system is not bundled from inside; from outside do:"
                + " jarrah image bundle INSTANCE, or inside make an image file and do: jarrah image bundle -i FILE");
    }
}
