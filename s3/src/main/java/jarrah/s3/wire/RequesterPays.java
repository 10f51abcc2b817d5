package jarrah.s3.wire;

import jarrah.iam.Principal;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.BucketSettings.Kind;

/**
 * Buckets whose readers pay ("Using Requester Pays general purpose buckets"): whoever is not of the owner's account has to
 * sign and to say that he knows it. Nothing is charged here; the answer says that it would have been.
 */
final class RequesterPays {
    private static final String PAYER = "x-amz-request-payer";

    private final BucketSettings settings;

    RequesterPays(BucketSettings settings) {
        this.settings = settings;
    }

    /**
     * Passes if nobody else pays for the request than its caller agreed to.
     *
     * @throws S3WireException.AccessDenied if not
     */
    void require(S3Request request, Bucket bucket) {
        boolean pays = settings.get(bucket.name(), Kind.REQUEST_PAYMENT, RequesterPays::read)
                .orElse(false);
        boolean owns = request.principal() instanceof Principal.User user
                && user.accountId().equals(bucket.accountId());
        if (!pays || owns) {
            return;
        }
        String payer =
                request.header(PAYER) == null ? request.query().get(PAYER, "") : String.valueOf(request.header(PAYER));
        if (request.anonymous() || !payer.equals("requester")) {
            throw new S3WireException.AccessDenied();
        }
        request.always().set("x-amz-request-charged", "requester");
    }

    private static boolean read(byte[] document) {
        return "Requester"
                .equals(S3Request.xml(document, Setting.REQUEST_PAYMENT.root()).childText("Payer"));
    }
}
