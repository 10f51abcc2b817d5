package jarrah.server;

import jarrah.accelerator.vcl.VclException;
import jarrah.accelerator.vcl.VclImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jarrah accelerator import-vcl}: it writes sites, which the other tools need not know. */
@Command(
        name = "import-vcl",
        description = {
            "Turn a program for Varnish (VCL 4) into sites.",
            "",
            "The sites go to standard output; what they do not carry over is told line by line on standard error."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything is carried over",
            "1:the program cannot be read, or the output not be written",
            "2:the command line is wrong",
            "3:the sites are written, and something is not carried over"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator import-vcl /etc/varnish/default.vcl > sites.yaml",
            "  jarrah accelerator import-vcl default.vcl --output sites.yaml"
        })
final class ImportVclCommand implements Callable<Integer> {
    private static final int NOT_ALL = 3;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The program; files that it includes are looked for beside it.")
    private Path file = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the sites there; a file that is there is left as it is.")
    private @Nullable Path output;

    @Override
    public Integer call() {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        PrintWriter err = line.getErr();
        try {
            VclImport imported = VclImport.of(file);
            if (output == null) {
                line.getOut().print(imported.configuration());
                line.getOut().flush();
            } else {
                Files.writeString(output, imported.configuration(), StandardOpenOption.CREATE_NEW);
            }
            imported.notes().forEach(note -> err.println("note: " + note));
            for (VclImport.Left left : imported.left()) {
                err.println(left.place() + ": " + left.source());
                err.println("    not carried over: " + left.reason());
            }
            return imported.left().isEmpty() ? 0 : NOT_ALL;
        } catch (VclException e) {
            err.println("jarrah: " + e.getMessage());
        } catch (FileAlreadyExistsException e) {
            err.println("jarrah: there is a file " + output + " already");
        } catch (IOException e) {
            err.println("jarrah: cannot write " + output + ": " + e.getMessage());
        }
        return 1;
    }
}
