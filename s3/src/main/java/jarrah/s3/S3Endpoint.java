package jarrah.s3;

import jarrah.aws.Authentication;
import jarrah.aws.AuthenticationException;
import jarrah.aws.AwsException;
import jarrah.aws.BodySigning;
import jarrah.aws.PresignedFields;
import jarrah.aws.RequestId;
import jarrah.aws.RestXml;
import jarrah.aws.SignatureV2;
import jarrah.aws.SignatureVerifier;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.LoopHandler;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Principal;
import jarrah.s3.jobs.AccessLog;
import jarrah.s3.store.Bucket;
import jarrah.s3.wire.Cors;
import jarrah.s3.wire.S3Address;
import jarrah.s3.wire.S3Operation;
import jarrah.s3.wire.S3Operations;
import jarrah.s3.wire.S3Query;
import jarrah.s3.wire.S3Request;
import jarrah.s3.wire.S3Router;
import jarrah.s3.wire.S3WireException;
import jarrah.storage.BlobException;
import jarrah.storage.KvException;
import jarrah.storage.NoWaiting;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The S3 API: verifies, routes, carries out and answers requests; the one place where its errors are rendered. */
public final class S3Endpoint implements Handler, LoopHandler {
    private static final Logger LOG = LoggerFactory.getLogger(S3Endpoint.class);

    private final S3Settings settings;
    private final S3Address.Hosts hosts;
    private final SignatureVerifier verifier;
    private final SignatureV2 signatureV2;
    private final Accounts accounts;
    private final S3Operations operations;
    private final Cors cors;
    private final S3Listener listener;
    private final AccessLog accessLog;
    private final Clock clock;
    private final LoopAttempts attempts = new LoopAttempts();

    public S3Endpoint(
            S3Settings settings,
            SignatureVerifier verifier,
            SignatureV2 signatureV2,
            Accounts accounts,
            S3Operations operations,
            Cors cors,
            S3Listener listener,
            AccessLog accessLog,
            Clock clock) {
        this.settings = settings;
        this.hosts = new S3Address.Hosts(settings.region(), settings.domains());
        this.verifier = verifier;
        this.signatureV2 = signatureV2;
        this.accounts = accounts;
        this.operations = operations;
        this.cors = cors;
        this.listener = listener;
        this.accessLog = accessLog;
        this.clock = clock;
    }

    @Override
    public void handle(Exchange exchange) {
        handle(exchange, null);
    }

    /**
     * Answers requests for objects whose records and bytes are in memory: a thread of its own costs such a request more
     * than the rest of it.
     */
    @Override
    public boolean tryHandle(Exchange exchange) {
        if (!isRead(exchange.request()) || !attempts.worthwhile()) {
            return false;
        }
        var attempt = new AtOnce(exchange);
        try {
            NoWaiting.call(() -> {
                handle(attempt, null);
                return attempt;
            });
        } catch (NoWaiting.Refused e) {
            attempts.refused();
            return false;
        }
        attempts.answered();
        return true;
    }

    /** Whether it may be for an object and nothing else, from what is seen at once. */
    private static boolean isRead(RequestHead head) {
        String query = head.query();
        boolean plain = query == null || query.startsWith("X-Amz-") || query.startsWith("versionId=");
        return plain
                && (head.method().equals("GET") || head.method().equals("HEAD"))
                && head.path().length() > 1;
    }

    /**
     * Carries out a request on behalf of a principal that this process vouches for; a signature in it does not count.
     */
    public void handleAs(Exchange exchange, Principal principal) {
        handle(exchange, principal);
    }

    private void handle(Exchange exchange, @Nullable Principal vouched) {
        RequestId id = RequestId.s3();
        var name = new String[] {"Unknown"};
        // The code of the error, for the access log: told here, read when the answer has left.
        @Nullable String[] code = new String[1];
        Headers always = Headers.of("x-amz-request-id", id.id(), "x-amz-id-2", id.hostId());
        exchange.onComplete(
                outcome -> listener.answered(name[0], outcome.status(), outcome.bytesSent(), outcome.nanos()));
        try {
            perform(exchange, vouched, id, name, code, always);
        } catch (NoWaiting.Refused e) {
            throw e; // it is begun again where it may wait
        } catch (AwsException e) {
            code[0] = e.code();
            refuse(exchange, e, id, always);
        } catch (KvException.DiskFull | BlobException.DiskFull e) {
            LOG.warn("request {} refused: {}", id.id(), e.getMessage());
            refuse(exchange, new Unavailable("There is not enough space left to carry out the request."), id, always);
        } catch (KvException.ReadOnly | BlobException.ReadOnly e) {
            LOG.error("request {} refused: {}", id.id(), e.getMessage());
            refuse(exchange, new Unavailable("The store takes no changes until it is restarted."), id, always);
        } catch (IOException e) {
            // The client is gone or too slow: there is nobody to tell.
            LOG.debug("request {} ended early", id.id(), e);
            exchange.abort();
        } catch (RuntimeException e) {
            LOG.error("request {} failed", id.id(), e);
            code[0] = "InternalError";
            refuse(exchange, new Internal(), id, always);
        }
    }

    private void perform(
            Exchange exchange,
            @Nullable Principal vouched,
            RequestId id,
            String[] name,
            @Nullable String[] code,
            Headers always)
            throws IOException {
        RequestHead head = exchange.request();
        S3Address address = S3Address.of(head, hosts);
        if (head.method().equals("OPTIONS")) {
            name[0] = "Preflight"; // browsers do not sign it
            cors.preflight(head, address).forEach(always::add);
            exchange.send(new ResponseHead(200, always), Body.EMPTY);
            return;
        }
        S3Query query = S3Query.parse(head.query());
        cors.fields(head, address).forEach(always::add);
        Authentication authentication =
                vouched == null ? verified(head) : new Authentication.Anonymous(new BodySigning.Unsigned());
        Principal principal = vouched == null ? principal(authentication) : vouched;
        Headers fields = authentication instanceof Authentication.Signed signed && signed.presigned()
                ? PresignedFields.of(head)
                : head.headers();
        S3Operation operation = hosts.website(head.host()) != null
                ? S3Operation.WEBSITE
                : S3Router.route(head.method(), address, query, fields);
        if (operation != S3Operation.GET_OBJECT && operation != S3Operation.HEAD_OBJECT) {
            NoWaiting.refuse();
        }
        name[0] = operation.wireName();
        Optional<Bucket> logged = operation == S3Operation.FOLLOW_CHANGES
                ? Optional.empty() // it is asked twice a second, and says nothing of the bucket's use
                : accessLog.logged(address.bucket());
        logged.ifPresent(bucket -> exchange.onComplete(outcome -> {
            var line = new AccessLogLine(
                    bucket,
                    clock.instant(),
                    id,
                    head,
                    address,
                    query,
                    principal,
                    authentication,
                    operation,
                    outcome,
                    code[0]);
            accessLog.note(bucket.name(), line.time(), line.text());
        }));
        operations.perform(
                operation,
                new S3Request(exchange, id, address, query, principal, authentication, operation, always, fields));
    }

    private Authentication verified(RequestHead head) {
        if (settings.signatureV2() && SignatureV2.isMeant(head)) {
            String hosted = hosts.bucket(head.host());
            return signatureV2.verify(head, hosted == null ? "" : hosted);
        }
        return verifier.verifyS3(head);
    }

    private Principal principal(Authentication authentication) {
        return switch (authentication) {
            case Authentication.Anonymous _ -> Principal.ANONYMOUS;
            case Authentication.Signed signed -> {
                if (settings.strictRegion()
                        && !signed.version2()
                        && !signed.scope().region().equals(settings.region())) {
                    throw new S3WireException.WrongRegion(signed.scope().region(), settings.region());
                }
                AccessKey key = accounts.key(signed.accessKeyId());
                if (key == null) {
                    throw new AuthenticationException.UnknownAccessKey(signed.accessKeyId());
                }
                yield key.principal();
            }
        };
    }

    private static void refuse(Exchange exchange, AwsException failure, RequestId id, Headers headers) {
        if (exchange.committed()) {
            exchange.abort();
            return;
        }
        failure.headers().forEach(headers::add);
        RequestHead request = exchange.request();
        // 304 is an answer, not an error document; an error to HEAD has no body either (RFC 9110, 9.3.2).
        if (failure.status() == 304 || request.method().equals("HEAD")) {
            failure.fields().forEach((field, value) -> {
                if (failure.status() == 304) {
                    headers.add(field, value);
                }
            });
            exchange.send(new ResponseHead(failure.status(), headers), Body.EMPTY);
            return;
        }
        headers.add("Content-Type", "application/xml");
        exchange.send(new ResponseHead(failure.status(), headers), Body.of(RestXml.error(failure, request.path(), id)));
    }

    /** We cannot, for now. */
    private static final class Unavailable extends AwsException {
        Unavailable(String message) {
            super("ServiceUnavailable", 503, message);
        }
    }

    /** Our own fault; the log has the cause. */
    private static final class Internal extends AwsException {
        Internal() {
            super("InternalError", 500, "We encountered an internal error. Please try again.");
        }
    }
}
