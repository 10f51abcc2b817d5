package jarrah.aws;

/** The REST-XML error document, S3's. */
public final class RestXml {
    private RestXml() {}

    /**
     * {@code <Error><Code>..</Code><Message>..</Message>...<RequestId>..</RequestId><HostId>..</HostId></Error>}.
     *
     * @param resource the path that was asked for, percent-encoding kept; empty for none
     */
    public static byte[] error(AwsException failure, String resource, RequestId requestId) {
        var xml = new XmlWriter("Error");
        xml.text("Code", failure.code()).text("Message", failure.text());
        failure.fields().forEach(xml::text);
        if (!resource.isEmpty() && !failure.fields().containsKey("Resource")) {
            xml.text("Resource", resource);
        }
        return xml.text("RequestId", requestId.id())
                .text("HostId", requestId.hostId())
                .bytes();
    }
}
