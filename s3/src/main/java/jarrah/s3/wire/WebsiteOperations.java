package jarrah.s3.wire;

import jarrah.aws.AwsException;
import jarrah.http.Body;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.s3.settings.Website;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A bucket as a website: index and error pages, redirects, errors for people ("Website endpoints", S3 User Guide). */
final class WebsiteOperations {
    private static final Map<Integer, String> REASONS = Map.of(
            400, "Bad Request",
            403, "Forbidden",
            404, "Not Found",
            405, "Method Not Allowed",
            416, "Requested Range Not Satisfiable",
            500, "Internal Server Error",
            503, "Service Unavailable");

    private final S3Store store;
    private final ObjectReads reads;

    WebsiteOperations(S3Store store, ObjectReads reads) {
        this.store = store;
        this.reads = reads;
    }

    /** Serves a request of a browser; whatever is wrong is told as a page. */
    void serve(S3Request request) throws IOException {
        Optional<Website> site = Optional.empty();
        try {
            String method = request.exchange().request().method();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                throw new S3WireException.MethodNotAllowed(method);
            }
            site = Optional.of(site(request.bucket()));
            serve(request, site.get());
        } catch (AwsException failure) {
            if (failure.status() == 304 || failure.status() == 412) {
                throw failure;
            }
            fail(request, site, failure);
        }
    }

    static Website read(byte[] document) {
        return Website.of(S3Request.xml(document, Setting.WEBSITE.root()));
    }

    private Website site(String bucket) {
        return store.settings()
                .get(bucket, BucketSettings.Kind.WEBSITE, WebsiteOperations::read)
                .orElseThrow(() -> new S3WireException.NotConfigured(
                        "NoSuchWebsiteConfiguration",
                        "The specified bucket does not have a website configuration",
                        bucket));
    }

    private void serve(S3Request request, Website site) throws IOException {
        String key = request.key();
        if (site.everything().isPresent()) {
            Website.Target target = site.everything().get();
            redirect(request, 301, url(request, target.protocol(), Optional.of(target.host()), key));
            return;
        }
        Optional<Website.RoutingRule> rule = site.rule(key, 0);
        if (rule.isPresent()) {
            redirect(request, rule.get(), key);
            return;
        }
        boolean folder = key.isEmpty() || key.endsWith("/");
        String index = site.index().orElse("");
        try {
            reads.page(request.withKey(folder ? key + index : key), 200);
        } catch (AwsException failure) {
            // Who may not list is told 403 of what is missing, and is led to the folder all the same.
            boolean missing = failure.status() == 404 || failure.status() == 403;
            if (missing && !folder && exists(request.bucket(), key + "/" + index)) {
                redirect(request, 302, "/" + encoded(key) + "/");
                return;
            }
            throw failure;
        }
    }

    private boolean exists(String bucket, String key) {
        try {
            store.objects().head(bucket, key);
            return true;
        } catch (S3Exception.NoSuchKey missing) {
            return false;
        }
    }

    private void fail(S3Request request, Optional<Website> site, AwsException failure) throws IOException {
        Optional<Website.RoutingRule> rule = site.flatMap(there -> there.rule(request.key(), failure.status()));
        if (rule.isPresent()) {
            redirect(request, rule.get(), request.key());
            return;
        }
        Optional<String> page = site.flatMap(Website::error).filter(_ -> failure.status() / 100 == 4);
        if (page.isPresent()) {
            try {
                reads.page(request.withKey(page.get()), failure.status());
                return;
            } catch (AwsException second) {
                tell(request, failure, Optional.of(second));
                return;
            }
        }
        tell(request, failure, Optional.empty());
    }

    private static void redirect(S3Request request, Website.RoutingRule rule, String key) {
        Website.Redirect to = rule.redirect();
        redirect(request, to.status(), url(request, to.protocol(), to.host(), to.key(key, rule)));
    }

    private static String url(S3Request request, Optional<String> protocol, Optional<String> host, String key) {
        RequestHead head = request.exchange().request();
        return protocol.orElse(head.secure() ? "https" : "http") + "://" + host.orElse(String.valueOf(head.host()))
                + "/" + encoded(key);
    }

    private static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    private static void redirect(S3Request request, int status, String location) {
        ResponseHead head = request.head(status);
        head.headers().add("Location", location);
        request.answer(head, Body.EMPTY);
    }

    private static void tell(S3Request request, AwsException failure, Optional<AwsException> second) {
        String title = failure.status() + " " + REASONS.getOrDefault(failure.status(), "Error");
        var lines = new LinkedHashMap<String, String>();
        lines.put("Code", failure.code());
        lines.put("Message", failure.text());
        lines.putAll(failure.fields());
        lines.put("RequestId", request.id().id());
        lines.put("HostId", request.id().hostId());
        var page = new StringBuilder(
                "<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1>\n<ul>\n");
        lines.forEach((name, value) -> page.append("<li>")
                .append(escaped(name))
                .append(": ")
                .append(escaped(value))
                .append("</li>\n"));
        page.append("</ul>\n");
        second.ifPresent(more -> page.append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error"
                        + " Document</h3>\n<ul>\n<li>Code: ")
                .append(escaped(more.code()))
                .append("</li>\n<li>Message: ")
                .append(escaped(more.text()))
                .append("</li>\n</ul>\n"));
        page.append("<hr/>\n</body>\n</html>\n");
        ResponseHead head = request.head(failure.status());
        head.headers().add("Content-Type", "text/html; charset=utf-8").add("x-amz-error-code", failure.code());
        byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
        boolean bodiless = request.exchange().request().method().equals("HEAD");
        request.answer(head, bodiless ? new Body.LengthOnly(bytes.length) : Body.of(bytes));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
