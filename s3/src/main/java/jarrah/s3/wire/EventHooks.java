package jarrah.s3.wire;

import jarrah.iam.Principal;
import jarrah.s3.jobs.Events;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Removal;
import jarrah.s3.store.StoredObject;

/** Tells {@link Events} what a request has done and who sent it. */
final class EventHooks {
    private final Events events;

    EventHooks(Events events) {
        this.events = events;
    }

    void note(String event, S3Request request, Bucket bucket, StoredObject object) {
        events.note(event, bucket, object, cause(request));
    }

    void removed(S3Request request, Bucket bucket, String key, Removal removal) {
        events.removed("s3:ObjectRemoved:", bucket, key, removal, cause(request));
    }

    void test(S3Request request, Bucket bucket, jarrah.s3.settings.Notification notification) {
        events.test(bucket, notification, cause(request));
    }

    private static Events.Cause cause(S3Request request) {
        String principal = request.principal() instanceof Principal.User user ? "AWS:" + user.userId() : "Anonymous";
        var address = request.exchange().request().remote().getAddress();
        return new Events.Cause(
                principal,
                address == null ? "-" : address.getHostAddress(),
                request.id().id(),
                request.id().hostId());
    }
}
