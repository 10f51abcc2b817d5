package jarrah.aws;

/** The envelopes of the AWS Query protocol: IAM's and STS's, and EC2's error. */
public final class QueryXml {
    private QueryXml() {}

    /** What an action writes inside its {@code XResult} element. */
    @FunctionalInterface
    public interface Result {
        void write(XmlWriter xml);
    }

    /** {@code <XResponse xmlns><XResult>...</XResult><ResponseMetadata><RequestId>..}. */
    public static byte[] response(String action, String namespace, RequestId requestId, Result result) {
        var xml = new XmlWriter(action + "Response", namespace);
        xml.start(action + "Result");
        result.write(xml);
        xml.end();
        xml.start("ResponseMetadata").text("RequestId", requestId.id()).end();
        return xml.bytes();
    }

    /** {@code <ErrorResponse xmlns><Error><Type>Sender</Type><Code/><Message/></Error><RequestId/></ErrorResponse>}. */
    public static byte[] error(String code, int status, String message, String namespace, RequestId requestId) {
        return new XmlWriter("ErrorResponse", namespace)
                .start("Error")
                .text("Type", status < 500 ? "Sender" : "Receiver")
                .text("Code", code)
                .text("Message", message)
                .end()
                .text("RequestId", requestId.id())
                .bytes();
    }

    /** EC2's error: {@code <Response><Errors><Error>...</Error></Errors><RequestID/></Response>}, with a capital ID. */
    public static byte[] ec2Error(String code, String message, RequestId requestId) {
        return new XmlWriter("Response")
                .start("Errors")
                .start("Error")
                .text("Code", code)
                .text("Message", message)
                .end()
                .end()
                .text("RequestID", requestId.id())
                .bytes();
    }
}
