package jarrah.iam.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy is, and what is said of what is none. */
class PolicyParserTest {
    private static final String WHOLE = """
            {"Version": "2012-10-17", "Id": "an id", "Statement": [
              {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:user/x"],
               "CanonicalUser": "abc", "Service": "logging.s3.amazonaws.com", "Federated": "accounts.google.com"},
               "Action": ["s3:Get*", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/${aws:username}/*"],
               "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [10, "20"]}}},
              {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "NotAction": "s3:GetObject",
               "NotResource": "arn:aws:s3:::b/public/*"}]}""";

    @Test
    void everyElementIsRead() {
        Policy policy = PolicyParser.resource(WHOLE);
        assertThat(policy.id()).isEqualTo("an id");
        Statement first = policy.statements().getFirst();
        assertThat(first.sid()).isEqualTo("one");
        assertThat(first.principals()).isNotNull();
        assertThat(first.actions()).hasSize(2);
        assertThat(first.conditions()).hasSize(2);
        Statement second = policy.statements().getLast();
        assertThat(second.notActions()).isTrue();
        assertThat(second.notResources()).isTrue();
    }

    @Test
    void aSingleStatementNeedsNoList() {
        Policy policy = PolicyParser.identity(
                "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}");
        assertThat(policy.version()).isEqualTo("2008-10-17");
        assertThat(policy.statements()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[] | Policies must be valid JSON and the first byte must be '{'",
                "{ | This policy contains invalid Json",
                "{} {} | This policy contains invalid Json",
                "{\"Statement\": [], \"Statement\": []} | This policy contains invalid Json",
                "{\"Statements\": []} | Unknown field Statements",
                "{\"Version\": \"2013\"} | The policy must contain a valid version string",
                "{} | Missing required field Statement",
                "{\"Statement\": []} | Could not parse the policy: Statement is empty!",
            })
    void whatIsNoPolicyIsNamed(String json, String message) {
        assertThatThrownBy(() -> PolicyParser.resource(json))
                .isInstanceOf(PolicyException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"Effect\": \"Allow\" | \"Effect\": \"allow\" | Invalid effect : allow",
                "\"Effect\": \"Allow\", |  | Missing required field Effect",
                "\"Principal\": \"*\", |  | Missing required field Principal",
                "\"Principal\": \"*\" | \"Principal\": \"x\" | Invalid principal in policy",
                "\"Principal\": \"*\" | \"Principal\": {\"AWS\": \"x\"} | Invalid principal in policy",
                "\"Principal\": \"*\" | \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:user/*\"} | Invalid principal in policy",
                "\"Principal\": \"*\" | \"NotPrincipal\": {\"AWS\": \"*\"} | Allow with NotPrincipal is not allowed.",
                "\"Action\": \"s3:GetObject\" | \"Action\": \"GetObject\" | Policy has invalid action",
                "\"Action\": \"s3:GetObject\" | \"Action\": [] | Policy has invalid action",
                "\"Action\": \"s3:GetObject\" | \"Action\": 1 | Policy has invalid action",
                "\"Action\": \"s3:GetObject\", |  | Missing required field Action",
                "\"Resource\": \"*\" | \"Resource\": \"b\" | Policy has invalid resource",
                "\"Resource\": \"*\" | \"Resource\": \"*\", \"Conditions\": {} | Unknown field Conditions",
                "\"Resource\": \"*\" | \"Resource\": \"*\", \"Condition\": {\"StrEquals\": {\"s3:prefix\": \"\"}} | Invalid Condition type : StrEquals",
                "\"Resource\": \"*\" | \"Resource\": \"*\", \"Condition\": {\"NullIfExists\": {\"s3:prefix\": \"true\"}} | Invalid Condition type : NullIfExists",
                "\"Resource\": \"*\" | \"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"prefix\": \"\"}} | Policy has an invalid condition key",
                "\"Resource\": \"*\" | \"Resource\": \"*\", \"Condition\": {\"IpAddress\": {\"aws:SourceIp\": \"300.0.0.1\"}} | Value of condition aws:SourceIp is not valid for IpAddress: 300.0.0.1",
            })
    void whatIsWrongWithAStatementIsNamed(String good, String bad, String message) {
        String json = "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\","
                + " \"Resource\": \"*\"}]}";
        PolicyParser.resource(json);
        assertThat(json).contains(good);
        String spoilt = json.replace(good, bad == null ? "" : bad);
        assertThatThrownBy(() -> PolicyParser.resource(spoilt))
                .isInstanceOf(PolicyException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 100, 10_000})
    void nestingIsBounded(int depth) {
        String json = "{\"Statement\": " + "[".repeat(depth) + "]".repeat(depth) + "}";
        assertThatThrownBy(() -> PolicyParser.identity(json)).isInstanceOf(PolicyException.class);
    }

    @Test
    void anIdentityPolicyNamesNoPrincipal() {
        assertThatThrownBy(() -> PolicyParser.identity(WHOLE))
                .isInstanceOf(PolicyException.class)
                .hasMessage("Policy document should not specify a principal.");
    }

    @Test
    void spoiltPoliciesAreReadOrRefused() {
        fuzz(20_000, 17);
    }

    @Test
    @Tag("long")
    void manySpoiltPoliciesAreReadOrRefused() {
        for (long seed = 0; seed < 50; seed++) {
            fuzz(100_000, seed);
        }
    }

    /** Nothing but a PolicyException may come out, and what is read can be judged by. */
    private static void fuzz(int rounds, long seed) {
        var random = new Random(seed);
        String[] pieces = {
            "{", "}", "[", "]", "\"", ":", ",", "*", "${", "}", "null", "1e999999999", "\\u0000", "\ud800"
        };
        for (int i = 0; i < rounds; i++) {
            var text = new StringBuilder(WHOLE);
            for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.insert(at, pieces[random.nextInt(pieces.length)]);
                    case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(20)));
                    default -> text.setCharAt(at, (char) random.nextInt(128));
                }
            }
            try {
                Policy policy = PolicyParser.resource(text.toString());
                var request = new Evaluator.Request(
                        Callers.user(Callers.ACCOUNT, "u"),
                        "s3:GetObject",
                        "arn:aws:s3:::b/u/k",
                        Callers.context("s3:max-keys", "7", "aws:username", "u"));
                assertThat(Evaluator.byResource(policy, request)).isNotNull();
                PublicPolicy.isPublic(policy);
            } catch (PolicyException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
    }
}
