package jarrah.s3;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import jarrah.storage.NoWaiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A request as long as it is tried on the event loop: nothing reaches the client or those who count before the whole
 * answer does, so that it can be begun again elsewhere. What takes waiting is refused.
 */
final class AtOnce implements Exchange {
    private final Exchange real;
    private final List<Consumer<Outcome>> listeners = new ArrayList<>(2);
    private boolean begun;

    AtOnce(Exchange real) {
        this.real = real;
    }

    /** Whether the request has got its answer, or its end. */
    boolean begun() {
        return begun;
    }

    private void begin() {
        if (!begun) {
            begun = true;
            listeners.forEach(real::onComplete);
        }
    }

    @Override
    public RequestHead request() {
        return real.request();
    }

    @Override
    public RequestBody body() {
        NoWaiting.refuse();
        return real.body();
    }

    @Override
    public void send(ResponseHead head, Body body) {
        begin();
        real.send(head, body);
    }

    @Override
    public ResponseBody stream(ResponseHead head, long length) throws IOException {
        NoWaiting.refuse();
        begin();
        return real.stream(head, length);
    }

    @Override
    public void interim(int status, Headers headers) {
        NoWaiting.refuse();
        real.interim(status, headers);
    }

    @Override
    public boolean committed() {
        return begun && real.committed();
    }

    @Override
    public void abort() {
        begin();
        real.abort();
    }

    @Override
    public void hopLimit(int hops) {
        real.hopLimit(hops);
    }

    @Override
    public void onComplete(Consumer<Outcome> listener) {
        if (begun) {
            real.onComplete(listener);
        } else {
            listeners.add(listener);
        }
    }
}
