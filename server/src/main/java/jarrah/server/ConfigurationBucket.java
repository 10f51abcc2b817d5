package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.origin.S3Document;
import jarrah.accelerator.site.Reach;
import jarrah.accelerator.site.S3Credentials;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A configuration that is an object of a bucket, a private one too: keys are found as all clients of AWS find them
 * (environment, profile, instance role).
 */
final class ConfigurationBucket implements ConfigurationWatch.Source, AutoCloseable {
    private static final Pattern URL = Pattern.compile("s3://([^/]+)/(.+)");
    private static final int MAX_BYTES = 4 << 20;

    private final String url;
    private final S3Document document;
    private final Function<List<ConfigNode>, AcceleratorConfig> parse;

    private ConfigurationBucket(String url, S3Document document, Function<List<ConfigNode>, AcceleratorConfig> parse) {
        this.url = url;
        this.document = document;
        this.parse = parse;
    }

    /** Whether that names an object, and no file. */
    static boolean names(String config) {
        return config.startsWith("s3://");
    }

    /**
     * A configuration at {@code s3://BUCKET/KEY}.
     *
     * @param endpoint of the store; empty for what {@code AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL} say, else AWS
     * @param environment the process's; {@code AWS_REGION} or {@code AWS_DEFAULT_REGION} is the region
     * @param parse what it comes to
     */
    static ConfigurationBucket of(
            String url,
            Optional<String> endpoint,
            Map<String, String> environment,
            Clock clock,
            Function<List<ConfigNode>, AcceleratorConfig> parse) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new ConfigException(url, "is no s3://BUCKET/KEY");
        }
        String region = first(environment, "AWS_REGION", "AWS_DEFAULT_REGION").orElse("us-east-1");
        Optional<String> elsewhere = endpoint.or(() -> first(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"));
        HttpOrigin server;
        try {
            server = HttpOrigin.of(elsewhere.orElse("https://s3." + region + ".amazonaws.com"));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("the endpoint", String.valueOf(e.getMessage()));
        }
        var bucket = new SiteOrigin.S3(
                server,
                parts.group(1),
                "",
                region,
                elsewhere.isPresent(),
                new S3Credentials.Found(),
                SiteOrigin.Coherent.NEVER,
                Reach.DEFAULT);
        var document = new S3Document(bucket, parts.group(2), MAX_BYTES, HttpClientConfig.defaults(), clock);
        return new ConfigurationBucket(url, document, parse);
    }

    private static Optional<String> first(Map<String, String> environment, String... names) {
        for (String name : names) {
            String value = environment.get(name);
            if (value != null && !value.isEmpty()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    @Override
    public String name() {
        return url;
    }

    @Override
    public Duration every() {
        return Duration.ofSeconds(5);
    }

    @Override
    public String version() throws IOException {
        try {
            return document.tag();
        } catch (IOException e) {
            throw new IOException(url + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public AcceleratorConfig read() throws IOException {
        try {
            String text = new String(document.read(), StandardCharsets.UTF_8);
            return parse.apply(List.of(ConfigNode.parse(url, text)));
        } catch (IOException e) {
            throw new IOException(url + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        document.close();
    }
}
