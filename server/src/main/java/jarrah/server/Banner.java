package jarrah.server;

import java.nio.file.Path;

/** What a person sees when a region is up: where everything is, and what to type first. */
final class Banner {
    private Banner() {}

    /** @param command by which people call Jarrah here, e.g. {@code ./jarrah} */
    static String of(CloudConfig settings, Cloud cloud, String command) {
        Path rc = settings.data().resolve("credentials").resolve("jarrahrc");
        return """

                Jarrah is up: region %s, data in %s

                  API          %s   (S3, EC2, IAM, STS)%s
                  accelerator  %s   (%s)%s
                  operations   %s   (/health, /metrics)
                  credentials  %s

                Try, in another terminal:

                  . %s
                  aws sts get-caller-identity
                  s3cmd mb s3://hello && s3cmd put --acl-public README.md s3://hello/
                  %s image add-tiny        an image to boot, and how to boot it
                %s
                Ctrl-C stops it; instances run on (%s destroy ends them).
                """.formatted(
                settings.region(),
                settings.data(),
                cloud.apiUrl(),
                cloud.tlsUrl().map(url -> "\n               " + url).orElse(""),
                cloud.acceleratorUrl(),
                cloud.sites() == 0
                        ? "no sites yet: see docs/accelerator"
                        : cloud.sites() == 1 ? "1 site" : cloud.sites() + " sites",
                cloud.acceleratorTlsUrl().map(url -> "\n               " + url).orElse(""),
                cloud.consoleUrl(),
                rc,
                rc,
                command,
                cloud.computeLacks().isEmpty() ? "" : "\nNote: " + String.join("\n      ", cloud.computeLacks()) + "\n",
                command);
    }
}
