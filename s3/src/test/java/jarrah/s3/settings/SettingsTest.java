package jarrah.s3.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.aws.AwsException;
import jarrah.aws.XmlElement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each document has to be, and what it decides. */
class SettingsTest {
    private static final Map<String, Consumer<XmlElement>> READERS = Map.of(
            "LifecycleConfiguration", document -> Lifecycle.of(document, number -> "id" + number, true),
            "CORSConfiguration", CorsRules::of,
            "WebsiteConfiguration", Website::of,
            "Tagging", document -> TagSet.of(document, TagSet.MAX_OF_BUCKET),
            "ServerSideEncryptionConfiguration", BucketEncryption::of,
            "BucketLoggingStatus", Logging::of,
            "NotificationConfiguration", document -> Notification.of(document, number -> "id" + number),
            "ReplicationConfiguration", Replication::of);

    /** A document in short: {@code a(b=1 c=2)} for {@code <a><b>1</b><c>2</c></a>}. */
    static XmlElement xml(String brief) {
        String text = brief.replaceAll("(\\w+)=([^\\s()]*)", "<$1>$2</$1>");
        var out = new StringBuilder();
        var open = new java.util.ArrayDeque<String>();
        var name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') {
                open.push(name.toString());
                out.append('<').append(name).append('>');
                name.setLength(0);
            } else if (c == ')') {
                out.append("</").append(open.pop()).append('>');
            } else if (c == '<') {
                int end = text.indexOf("</", i);
                int close = text.indexOf('>', end);
                out.append(text, i, close + 1);
                i = close;
            } else if (c != ' ') {
                name.append(c);
            }
        }
        try {
            return XmlElement.parse(out.toString().getBytes(StandardCharsets.UTF_8));
        } catch (XmlElement.MalformedXml e) {
            throw new AssertionError(out.toString(), e);
        }
    }

    private static void read(XmlElement document) {
        java.util.Objects.requireNonNull(READERS.get(document.name()), document.name())
                .accept(document);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a/ Expiration(Days=1)))",
                "LifecycleConfiguration(Rule(Status=Disabled Filter() Expiration(Date=2030-01-01T00:00:00.000Z)))",
                "LifecycleConfiguration(Rule(Status=Enabled Filter(And(Prefix=a Tag(Key=k Value=v)))"
                        + " NoncurrentVersionExpiration(NoncurrentDays=3 NewerNoncurrentVersions=2)))",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix= Transition(Days=30 StorageClass=STANDARD_IA)"
                        + " Expiration(Days=31) AbortIncompleteMultipartUpload(DaysAfterInitiation=2)))",
                "CORSConfiguration(CORSRule(AllowedMethod=GET AllowedOrigin=*))",
                "WebsiteConfiguration(RedirectAllRequestsTo(HostName=a.b))",
                "WebsiteConfiguration(IndexDocument(Suffix=i) RoutingRules(RoutingRule(Redirect(HostName=x))))",
                "Tagging(TagSet())",
                "ServerSideEncryptionConfiguration(Rule(ApplyServerSideEncryptionByDefault(SSEAlgorithm=aws:kms"
                        + " KMSMasterKeyID=k) BucketKeyEnabled=true))",
                "BucketLoggingStatus()",
                "BucketLoggingStatus(LoggingEnabled(TargetBucket=b TargetPrefix=))",
                "NotificationConfiguration()",
                "NotificationConfiguration(QueueConfiguration(Queue=arn:aws:sqs:r:1:q Event=s3:ObjectCreated:*))",
                "ReplicationConfiguration(Role=arn:aws:iam::111122223333:role/r"
                        + " Rule(Status=Enabled Prefix= Destination(Bucket=arn:aws:s3:::b)))"
            })
    void isTaken(String document) {
        assertThatCode(() -> read(xml(document))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LifecycleConfiguration() | MalformedXML",
                "LifecycleConfiguration(Rule(Status=enabled Prefix= Expiration(Days=1))) | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Expiration(Days=1))) | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Filter() Expiration(Days=1))) | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a)) | InvalidRequest",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Days=0))) | InvalidArgument",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Days=-1))) | InvalidArgument",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Days=x))) | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Date=20220927))) | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Date=2022-09-27T01:00:00Z))) |"
                        + " InvalidArgument",
                "LifecycleConfiguration(Rule(ID=a Status=Enabled Prefix=a Expiration(Days=1)) Rule(ID=a Status=Enabled"
                        + " Prefix=b Expiration(Days=1))) | InvalidArgument",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Expiration(Days=1 ExpiredObjectDeleteMarker=true)))"
                        + " | MalformedXML",
                "LifecycleConfiguration(Rule(Status=Enabled Filter(Tag(Key=k Value=v))"
                        + " AbortIncompleteMultipartUpload(DaysAfterInitiation=1))) | InvalidRequest",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Transition(Days=29 StorageClass=STANDARD_IA))) |"
                        + " InvalidArgument",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Transition(Days=40 StorageClass=STANDARD_IA)"
                        + " Expiration(Days=40))) | InvalidArgument",
                "LifecycleConfiguration(Rule(Status=Enabled Prefix=a Transition(Days=40 StorageClass=COLD))) |"
                        + " MalformedXML",
                "CORSConfiguration() | MalformedXML",
                "CORSConfiguration(CORSRule(AllowedMethod=GET)) | MalformedXML",
                "CORSConfiguration(CORSRule(AllowedMethod=PATCH AllowedOrigin=*)) | InvalidRequest",
                "CORSConfiguration(CORSRule(AllowedMethod=GET AllowedOrigin=*a*)) | InvalidRequest",
                "CORSConfiguration(CORSRule(AllowedMethod=GET AllowedOrigin=* ExposeHeader=中)) | InvalidRequest",
                "WebsiteConfiguration(RedirectAllRequestsTo(HostName=bücher.example)) | InvalidRequest",
                "WebsiteConfiguration(IndexDocument(Suffix=a) RoutingRules(RoutingRule(Redirect(HostName=中)))) |"
                        + " InvalidRequest",
                "WebsiteConfiguration() | InvalidArgument",
                "WebsiteConfiguration(IndexDocument(Suffix=a/b)) | InvalidArgument",
                "WebsiteConfiguration(IndexDocument(Suffix=a) RedirectAllRequestsTo(HostName=b)) | InvalidRequest",
                "WebsiteConfiguration(RedirectAllRequestsTo(HostName=b Protocol=ftp)) | InvalidRequest",
                "WebsiteConfiguration(IndexDocument(Suffix=a) RoutingRules(RoutingRule(Redirect(HttpRedirectCode=200))))"
                        + " | InvalidRequest",
                "Tagging(TagSet(Tag(Key=a Value=1) Tag(Key=a Value=2))) | InvalidTag",
                "Tagging(TagSet(Tag(Key=aws:a Value=1))) | InvalidTag",
                "Tagging(TagSet(Tag(Key=a))) | MalformedXML",
                "ServerSideEncryptionConfiguration() | MalformedXML",
                "ServerSideEncryptionConfiguration(Rule(ApplyServerSideEncryptionByDefault(SSEAlgorithm=ROT13))) |"
                        + " MalformedXML",
                "ServerSideEncryptionConfiguration(Rule(ApplyServerSideEncryptionByDefault(SSEAlgorithm=AES256"
                        + " KMSMasterKeyID=k))) | InvalidArgument",
                "BucketLoggingStatus(LoggingEnabled(TargetPrefix=x)) | MalformedXML",
                "NotificationConfiguration(QueueConfiguration(Queue=nowhere Event=s3:ObjectCreated:*)) | InvalidArgument",
                "NotificationConfiguration(QueueConfiguration(Queue=arn:aws:sqs:r:1:q Event=s3:Nothing)) |"
                        + " InvalidArgument",
                "NotificationConfiguration(QueueConfiguration(Queue=arn:aws:sqs:r:1:q)) | MalformedXML",
                "ReplicationConfiguration(Role=arn:aws:iam::111122223333:role/r) | MalformedXML",
                "ReplicationConfiguration(Role=r Rule(Status=Enabled Prefix= Destination(Bucket=arn:aws:s3:::b))) |"
                        + " InvalidArgument",
                "ReplicationConfiguration(Role=arn:aws:iam::111122223333:role/r"
                        + " Rule(Status=Enabled Filter() Destination(Bucket=arn:aws:s3:::b))) |"
                        + " InvalidRequest",
                "ReplicationConfiguration(Role=arn:aws:iam::111122223333:role/r"
                        + " Rule(Status=Enabled Prefix= Destination(Bucket=b))) | InvalidArgument"
            })
    void isRefused(String document, String code) {
        assertThatThrownBy(() -> read(xml(document)))
                .isInstanceOfSatisfying(
                        AwsException.class,
                        refused -> assertThat(refused.code()).isEqualTo(code));
    }

    @Test
    void theFirstRuleForOriginMethodAndHeadersDecides() {
        CorsRules rules = CorsRules.of(xml("CORSConfiguration(CORSRule(AllowedMethod=GET AllowedOrigin=*suffix)"
                + " CORSRule(AllowedMethod=GET AllowedMethod=PUT AllowedOrigin=http://a.*.c AllowedHeader=x-*)"
                + " CORSRule(AllowedMethod=GET AllowedOrigin=*))"));
        assertThat(rules.match("foo.suffix", "GET", List.of()))
                .contains(rules.rules().get(0));
        assertThat(rules.match("http://a.b.c", "PUT", List.of("X-Amz-Acl")))
                .contains(rules.rules().get(1));
        assertThat(rules.match("http://a.b.c", "PUT", List.of("authorization"))).isEmpty();
        assertThat(rules.match("http://a.b.c", "GET", List.of()))
                .contains(rules.rules().get(1));
        assertThat(rules.match("else", "GET", List.of())).contains(rules.rules().get(2));
        assertThat(rules.match("else", "DELETE", List.of())).isEmpty();
    }

    @Test
    void conditionsBesideEachOtherMustAllHold() {
        ObjectFilter filter =
                ObjectFilter.of(xml("Filter(Prefix=a/b Tag(Key=k Value=v) And(Prefix=a/ Tag(Key=l Value=w)))"));
        assertThat(filter.matches("a/b", 1, Map.of("k", "v", "l", "w"))).isTrue();
        assertThat(filter.matches("a/b", 1, Map.of("k", "v"))).isFalse();
        assertThat(filter.matches("a/c", 1, Map.of("k", "v", "l", "w"))).isFalse();
        assertThatThrownBy(() -> ObjectFilter.of(xml("Filter(Prefix=a/ And(Prefix=b/ Tag(Key=l Value=w)))")))
                .isInstanceOf(SettingsException.MalformedXml.class);
    }

    @Test
    void aFilterAsksForPrefixTagsAndSizeTogether() {
        ObjectFilter filter = ObjectFilter.of(
                xml("Filter(And(Prefix=a/ Tag(Key=k Value=v) ObjectSizeGreaterThan=10 ObjectSizeLessThan=20))"));
        assertThat(filter.matches("a/b", 15, Map.of("k", "v", "other", "x"))).isTrue();
        assertThat(filter.matches("b/a", 15, Map.of("k", "v"))).isFalse();
        assertThat(filter.matches("a/b", 10, Map.of("k", "v"))).isFalse();
        assertThat(filter.matches("a/b", 20, Map.of("k", "v"))).isFalse();
        assertThat(filter.matches("a/b", 15, Map.of("k", "w"))).isFalse();
    }

    @Test
    void aRoutingRuleKeepsReplacesOrRewritesTheKey() {
        Website site = Website.of(xml("WebsiteConfiguration(IndexDocument(Suffix=i) RoutingRules("
                + "RoutingRule(Condition(KeyPrefixEquals=docs/) Redirect(ReplaceKeyPrefixWith=d/))"
                + "RoutingRule(Condition(HttpErrorCodeReturnedEquals=404) Redirect(ReplaceKeyWith=gone))))"));
        Website.RoutingRule before = site.rule("docs/x", 0).orElseThrow();
        assertThat(before.redirect().key("docs/x", before)).isEqualTo("d/x");
        assertThat(site.rule("other", 0)).isEmpty();
        Website.RoutingRule after = site.rule("other", 404).orElseThrow();
        assertThat(after.redirect().key("other", after)).isEqualTo("gone");
        assertThat(site.rule("other", 403)).isEmpty();
    }
}
