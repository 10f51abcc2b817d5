package jarrah.bench;

import jarrah.aws.RequestSigner;
import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Signed calls of the EC2 Query API. */
final class Ec2Load implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;

    private final HttpOrigin origin;
    private final HttpClient client = new HttpClient(HttpClientConfig.defaults());
    private final RequestSigner signer =
            new RequestSigner(S3Load.ACCESS_KEY_ID, S3Load.SECRET, "us-east-1", "ec2", Clock.systemUTC());

    Ec2Load(int apiPort) {
        origin = HttpOrigin.of("http://127.0.0.1:" + apiPort);
    }

    /** Launches instances of type t2.nano; their ids. */
    List<String> run(String imageId, int count) throws IOException {
        String number = Integer.toString(count);
        XmlElement answer = call(
                "RunInstances", "ImageId", imageId, "InstanceType", "t2.nano", "MinCount", number, "MaxCount", number);
        return items(answer, "instancesSet").stream()
                .map(item -> text(item, "instanceId"))
                .toList();
    }

    /** What the instance's console has said so far. */
    String console(String instanceId) throws IOException {
        String output = text(call("GetConsoleOutput", "InstanceId", instanceId, "Latest", "true"), "output");
        return new String(Base64.getMimeDecoder().decode(output), StandardCharsets.ISO_8859_1);
    }

    /** Names of the states of these instances. */
    List<String> states(List<String> instanceIds) throws IOException {
        var states = new ArrayList<String>();
        for (XmlElement reservation : items(call("DescribeInstances", numbered(instanceIds)), "reservationSet")) {
            for (XmlElement instance : items(reservation, "instancesSet")) {
                states.add(Optional.ofNullable(instance.child("instanceState"))
                        .map(state -> text(state, "name"))
                        .orElse(""));
            }
        }
        return states;
    }

    void terminate(List<String> instanceIds) throws IOException {
        call("TerminateInstances", numbered(instanceIds));
    }

    private static String[] numbered(List<String> ids) {
        String[] parameters = new String[2 * ids.size()];
        for (int i = 0; i < ids.size(); i++) {
            parameters[2 * i] = "InstanceId." + (i + 1);
            parameters[2 * i + 1] = ids.get(i);
        }
        return parameters;
    }

    private XmlElement call(String action, String... parameters) throws IOException {
        var form = new StringBuilder("Action=" + action + "&Version=2016-11-15");
        for (int i = 0; i < parameters.length; i += 2) {
            form.append('&').append(parameters[i]).append('=').append(UriEncoding.encode(parameters[i + 1]));
        }
        byte[] body = form.toString().getBytes(StandardCharsets.UTF_8);
        Headers fields = Headers.of(
                "Host", origin.authority(), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        signer.sign("POST", "/", null, fields, sha256(body));
        var request = new ClientRequest("POST", origin, "/", fields, new ClientRequest.Content.Bytes(body));
        try (ClientResponse response = client.execute(request)) {
            byte[] answer = response.readAll(MAX_ANSWER_BYTES);
            if (response.status() != 200) {
                throw new IOException(
                        action + " answered " + response.status() + ": " + new String(answer, StandardCharsets.UTF_8));
            }
            return XmlElement.parse(answer);
        } catch (XmlElement.MalformedXml e) {
            throw new IOException("the answer to " + action + " cannot be read", e);
        }
    }

    private static List<XmlElement> items(XmlElement answer, String set) {
        XmlElement list = answer.child(set);
        return list == null ? List.of() : list.children("item");
    }

    private static String text(XmlElement element, String name) {
        return Optional.ofNullable(element.childText(name)).orElse("");
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
