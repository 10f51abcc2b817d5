package jarrah.aws;

import tools.jackson.databind.json.JsonMapper;

/** The errors of the JSON protocols (REST-JSON 1.1 and AWS JSON 1.x). */
public final class RestJson {
    private static final JsonMapper JSON = new JsonMapper();

    private RestJson() {}

    /** The name of the header field that carries the error's code. */
    public static final String ERROR_TYPE = "x-amzn-ErrorType";

    /** {@code {"__type":"Code","message":"..."}}; clients of either protocol find the code there or in the header. */
    public static byte[] error(String code, String message) {
        return JSON.writeValueAsBytes(
                JSON.createObjectNode().put("__type", code).put("message", message));
    }
}
