package jarrah.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The names of all operations of a service, as AWS models it, so that one we lack can be told from one that nobody has.
 *
 * <p>The lists are files of names beside this class; their first line tells the model's version.
 */
public final class OperationNames {
    private OperationNames() {}

    /**
     * The operations of a service.
     *
     * @param service its signing name: {@code ec2}, {@code iam}, {@code sts} or {@code s3}
     */
    public static Set<String> of(String service) {
        try (InputStream in = OperationNames.class.getResourceAsStream("operations/" + service + ".txt")) {
            if (in == null) {
                throw new IllegalArgumentException("no list of operations for " + service);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
