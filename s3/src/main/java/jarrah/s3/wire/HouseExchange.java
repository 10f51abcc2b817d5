package jarrah.s3.wire;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * The exchange of a request that a service of this region makes on a caller's behalf, in this process: it is judged as a
 * request and answered by what the method returns, never by HTTP.
 *
 * @param request what it would be if it were sent
 */
record HouseExchange(RequestHead request) implements Exchange {
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** A request to get what lies at a path. */
    static HouseExchange get(String target) {
        return new HouseExchange(new RequestHead("GET", target, Headers.of(), HERE, HERE, true));
    }

    @Override
    public RequestBody body() {
        throw noHttp();
    }

    @Override
    public void send(ResponseHead head, Body body) {
        throw noHttp();
    }

    @Override
    public ResponseBody stream(ResponseHead head, long length) {
        throw noHttp();
    }

    @Override
    public boolean committed() {
        return false;
    }

    @Override
    public void abort() {}

    @Override
    public void onComplete(Consumer<Outcome> listener) {
        throw noHttp();
    }

    private static IllegalStateException noHttp() {
        return new IllegalStateException("a request within the house is not answered by HTTP");
    }
}
