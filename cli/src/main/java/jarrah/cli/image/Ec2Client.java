package jarrah.cli.image;

import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.cli.CommandFailed;
import jarrah.cli.api.Api;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The few calls of EC2 that bundles need, by the Query API. */
final class Ec2Client implements AutoCloseable {
    private static final String VERSION = "2016-11-15";
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;

    private final Api api;

    Ec2Client(Api api) {
        this.api = api;
    }

    String endpoint() {
        return api.endpoint();
    }

    /**
     * A region as another one knows it.
     *
     * @param name its name
     * @param endpoint host, perhaps with a port, or a URL
     */
    record Region(String name, String endpoint) {
        /** The endpoint as a URL, with the scheme of the one that was asked where it has none. */
        String url(String asked) {
            return endpoint.contains("://") ? endpoint : asked.substring(0, asked.indexOf("://")) + "://" + endpoint;
        }
    }

    /**
     * An image as described.
     *
     * @param id e.g. {@code aki-...}
     * @param owner account id
     * @param type {@code machine}, {@code kernel}, {@code ramdisk}
     * @param location bucket and key of its manifest
     */
    record Image(String id, String owner, String type, String location) {
        /** The manifest's key without its bucket: what public kernels have in common from region to region. */
        String key() {
            return location.substring(location.indexOf('/') + 1);
        }
    }

    List<Region> regions() throws IOException {
        var regions = new ArrayList<Region>();
        for (XmlElement item : items(call("DescribeRegions", Map.of()), "regionInfo")) {
            regions.add(new Region(text(item, "regionName"), text(item, "regionEndpoint")));
        }
        return regions;
    }

    /** The image of that id; empty if this region has none. */
    Optional<Image> image(String id) throws IOException {
        try {
            return images(Map.of("ImageId.1", id)).stream().findFirst();
        } catch (Refused e) {
            if (e.code.startsWith("InvalidAMIID")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The images of an owner. */
    List<Image> imagesOf(String owner) throws IOException {
        return images(Map.of("Owner.1", owner));
    }

    private List<Image> images(Map<String, String> parameters) throws IOException {
        var images = new ArrayList<Image>();
        for (XmlElement item : items(call("DescribeImages", parameters), "imagesSet")) {
            images.add(new Image(
                    text(item, "imageId"),
                    text(item, "imageOwnerId"),
                    text(item, "imageType"),
                    text(item, "imageLocation")));
        }
        return images;
    }

    /** Registers an image; its id. */
    String registerImage(Map<String, String> parameters) throws IOException {
        return text(call("RegisterImage", parameters), "imageId");
    }

    /** The service refused; knows the code. */
    static final class Refused extends IOException {
        private final String code;

        Refused(Api.Refusal refusal, String action) {
            super(refusal.line(action + " failed"));
            this.code = refusal.code();
        }
    }

    private XmlElement call(String action, Map<String, String> parameters) throws IOException {
        var all = new LinkedHashMap<String, String>();
        all.put("Action", action);
        all.put("Version", VERSION);
        all.putAll(parameters);
        var form = new StringBuilder();
        all.forEach((name, value) -> form.append(form.isEmpty() ? "" : "&")
                .append(UriEncoding.encode(name))
                .append('=')
                .append(UriEncoding.encode(value)));
        byte[] body = form.toString().getBytes(StandardCharsets.UTF_8);
        try (ClientResponse response = api.send(
                "POST", "/", Headers.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), body)) {
            if (response.status() != 200) {
                throw new Refused(Api.refusal(response), action);
            }
            return XmlElement.parse(response.readAll(MAX_ANSWER_BYTES));
        } catch (XmlElement.MalformedXml e) {
            throw new CommandFailed("the answer of " + endpoint() + " to " + action + " cannot be read");
        }
    }

    private static List<XmlElement> items(XmlElement answer, String set) {
        XmlElement list = answer.child(set);
        return list == null ? List.of() : list.children("item");
    }

    private static String text(XmlElement element, String name) {
        return Optional.ofNullable(element.childText(name)).orElse("");
    }

    @Override
    public void close() {
        api.close();
    }
}
