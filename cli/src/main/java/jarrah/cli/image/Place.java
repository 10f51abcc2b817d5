package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Api;
import jarrah.cli.api.Credentials;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Which region's services a command speaks to; a mix-in.
 *
 * <p>A URL that is given wins. Otherwise the environment's endpoint is asked, and where the region wanted is not the
 * environment's own, that endpoint's DescribeRegions tells where the other one lives. Without any endpoint it is AWS.
 */
final class Place {
    @Option(
            names = {"-U", "--url"},
            paramLabel = "URL",
            description = "Endpoint of the service (default: S3_URL or EC2_URL, then AWS_ENDPOINT_URL, then AWS).")
    private @Nullable String url;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "Region (default: AWS_REGION, AWS_DEFAULT_REGION, then us-east-1).")
    private @Nullable String region;

    @Option(
            names = "--sigv",
            paramLabel = "N",
            defaultValue = "4",
            hidden = true,
            description = "Version of the signature; 4 is the only one.")
    private int signatureVersion = 4;

    @Mixin
    private Credentials credentials = new Credentials();

    /** The region of the surroundings: where the command runs. */
    static String home(Surroundings around) {
        return around.variable("AWS_REGION", "AWS_DEFAULT_REGION").orElse("us-east-1");
    }

    /** The region that is meant. */
    String region(Surroundings around) {
        // euca2ools writes USER@REGION.
        return region == null ? home(around) : Regions.named(region.substring(region.indexOf('@') + 1));
    }

    /** Whether the command line names a region. */
    boolean regionGiven() {
        return region != null;
    }

    Credentials credentials() {
        return credentials;
    }

    /**
     * The object store of a region.
     *
     * @param wanted the region
     */
    S3Client s3(Surroundings around, String wanted, Credentials.Key key) throws IOException {
        Optional<String> here = around.variable("S3_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
        String aws =
                wanted.equals("us-east-1") ? "https://s3.amazonaws.com" : "https://s3." + wanted + ".amazonaws.com";
        return new S3Client(new Api(endpoint(around, wanted, here, aws, key), wanted, "s3", key, around.clock()));
    }

    /** The compute service of a region. */
    Ec2Client ec2(Surroundings around, String wanted, Credentials.Key key) throws IOException {
        String aws = "https://ec2." + wanted + ".amazonaws.com";
        return new Ec2Client(
                new Api(endpoint(around, wanted, ec2Url(around), aws, key), wanted, "ec2", key, around.clock()));
    }

    private static Optional<String> ec2Url(Surroundings around) {
        return around.variable("EC2_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL");
    }

    private String endpoint(Surroundings around, String wanted, Optional<String> here, String aws, Credentials.Key key)
            throws IOException {
        if (signatureVersion != 4) {
            throw new CommandFailed(
                    "requests are signed with version 4; --sigv " + signatureVersion + " is not supported");
        }
        if (url != null) {
            return url;
        }
        if (here.isEmpty() || here.get().contains(".amazonaws.com")) {
            return aws;
        }
        return wanted.equals(home(around)) ? here.get() : peer(around, wanted, here.get(), key);
    }

    /** Where another region lives, as the region here knows it. */
    private static String peer(Surroundings around, String wanted, String here, Credentials.Key key)
            throws IOException {
        String asked = ec2Url(around).orElse(here);
        try (var ec2 = new Ec2Client(new Api(asked, home(around), "ec2", key, around.clock()))) {
            List<Ec2Client.Region> regions = ec2.regions();
            return regions.stream()
                    .filter(known -> known.name().equals(wanted))
                    .map(known -> known.url(asked))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailed("the region at " + ec2.endpoint() + " knows no region "
                            + wanted + "; give its endpoint with --url"));
        }
    }
}
