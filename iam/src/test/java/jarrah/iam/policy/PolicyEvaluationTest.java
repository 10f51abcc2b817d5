package jarrah.iam.policy;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.iam.Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Identity policies and a resource's policy together, within an account and across two. */
class PolicyEvaluationTest {
    private static final String ALLOW = statement("Allow");
    private static final String DENY = statement("Deny");

    private static String statement(String effect) {
        return "{\"Statement\": {\"Effect\": \"" + effect
                + "\", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::b/*\"}}";
    }

    private static Policy of(String effect, String principal) {
        return PolicyParser.resource("{\"Statement\": {\"Effect\": \"" + effect + "\", \"Principal\": " + principal
                + ", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::b/*\"}}");
    }

    private static Decision decide(Principal caller, @Nullable Policy policy) {
        var request = new Evaluator.Request(caller, "s3:GetObject", "arn:aws:s3:::b/k", Context.EMPTY);
        return Evaluator.decide(request, Callers.ACCOUNT, policy);
    }

    @Test
    void withinAnAccountEitherSideAllows() {
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u"), null)).isEqualTo(Decision.IMPLICIT_DENY);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u", ALLOW), null)).isEqualTo(Decision.ALLOW);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u"), of("Allow", "\"*\"")))
                .isEqualTo(Decision.ALLOW);
        String user = "{\"AWS\": \"arn:aws:iam::" + Callers.ACCOUNT + ":user/u\"}";
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u"), of("Allow", user)))
                .isEqualTo(Decision.ALLOW);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "v"), of("Allow", user)))
                .isEqualTo(Decision.IMPLICIT_DENY);
    }

    @Test
    void namingTheAccountLeavesItToTheAccount() {
        Policy policy = of("Allow", "{\"AWS\": \"" + Callers.ACCOUNT + "\"}");
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u"), policy)).isEqualTo(Decision.IMPLICIT_DENY);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u", ALLOW), policy)).isEqualTo(Decision.ALLOW);
    }

    @Test
    void acrossAccountsBothSidesMustAllow() {
        Principal.User allowed = Callers.user(Callers.OTHER, "u", ALLOW);
        Principal.User plain = Callers.user(Callers.OTHER, "u");
        String root = "{\"AWS\": \"arn:aws:iam::" + Callers.OTHER + ":root\"}";
        assertThat(decide(allowed, null)).isEqualTo(Decision.IMPLICIT_DENY);
        assertThat(decide(allowed, of("Allow", root))).isEqualTo(Decision.ALLOW);
        assertThat(decide(allowed, of("Allow", "\"*\""))).isEqualTo(Decision.ALLOW);
        assertThat(decide(plain, of("Allow", root))).isEqualTo(Decision.IMPLICIT_DENY);
        assertThat(decide(plain, of("Allow", "\"*\""))).isEqualTo(Decision.IMPLICIT_DENY);
    }

    @Test
    void aDenialOnEitherSideWins() {
        Principal.User admin = Callers.user(Callers.ACCOUNT, "u", ALLOW, DENY);
        assertThat(decide(admin, of("Allow", "\"*\""))).isEqualTo(Decision.EXPLICIT_DENY);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u", ALLOW), of("Deny", "\"*\"")))
                .isEqualTo(Decision.EXPLICIT_DENY);
    }

    @Test
    void unsignedCallersNeedAStatementForEverybody() {
        assertThat(decide(Principal.ANONYMOUS, of("Allow", "\"*\""))).isEqualTo(Decision.ALLOW);
        assertThat(decide(Principal.ANONYMOUS, of("Allow", "{\"AWS\": \"*\"}"))).isEqualTo(Decision.ALLOW);
        assertThat(decide(Principal.ANONYMOUS, of("Allow", "{\"AWS\": \"" + Callers.ACCOUNT + "\"}")))
                .isEqualTo(Decision.IMPLICIT_DENY);
        assertThat(decide(Principal.ANONYMOUS, null)).isEqualTo(Decision.IMPLICIT_DENY);
    }

    @Test
    void notPrincipalDeniesAllOthers() {
        String user = "{\"AWS\": \"arn:aws:iam::" + Callers.ACCOUNT + ":user/u\"}";
        Policy policy = PolicyParser.resource("{\"Statement\": {\"Effect\": \"Deny\", \"NotPrincipal\": " + user
                + ", \"Action\": \"*\", \"Resource\": \"*\"}}");
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u", ALLOW), policy)).isEqualTo(Decision.ALLOW);
        assertThat(decide(Callers.user(Callers.ACCOUNT, "v", ALLOW), policy)).isEqualTo(Decision.EXPLICIT_DENY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Action\": \"s3:getobject\", \"Resource\": \"*\" | ALLOW",
                "\"Action\": \"s3:*\", \"Resource\": \"*\" | ALLOW",
                "\"Action\": \"*\", \"Resource\": \"*\" | ALLOW",
                "\"Action\": \"S3:Get?bject\", \"Resource\": \"*\" | ALLOW",
                "\"Action\": \"s3:PutObject\", \"Resource\": \"*\" | IMPLICIT_DENY",
                "\"NotAction\": \"s3:PutObject\", \"Resource\": \"*\" | ALLOW",
                "\"NotAction\": \"s3:Get*\", \"Resource\": \"*\" | IMPLICIT_DENY",
                "\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::b\" | IMPLICIT_DENY",
                "\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::B/*\" | IMPLICIT_DENY",
                "\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::b*\" | ALLOW",
                "\"Action\": \"s3:*\", \"NotResource\": \"arn:aws:s3:::b/*\" | IMPLICIT_DENY",
                "\"Action\": \"s3:*\", \"NotResource\": \"arn:aws:s3:::c/*\" | ALLOW",
            })
    void actionsAndResourcesMatchByTheirRules(String elements, Decision expected) {
        String json = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", " + elements + "}}";
        assertThat(decide(Callers.user(Callers.ACCOUNT, "u", json), null)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"/, true", "/home/u/*, true", "/home/v/*, false"})
    void variablesInResourcesStandForTheCaller(String suffix, boolean allowed) {
        String json = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:*\","
                + " \"Resource\": \"arn:aws:s3:::b/home/${aws:username}/*\"}}";
        String key = suffix.equals("/") ? "home/u/x" : suffix.substring(1, suffix.length() - 1) + "x";
        var request = new Evaluator.Request(
                Callers.user(Callers.ACCOUNT, "u", json),
                "s3:GetObject",
                "arn:aws:s3:::b/" + key,
                Callers.context("aws:username", "u"));
        assertThat(Evaluator.decide(request, Callers.ACCOUNT, null) == Decision.ALLOW)
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"*\" | {} | true",
                "{\"AWS\": \"*\"} | {} | true",
                "{\"AWS\": \"111122223333\"} | {} | false",
                "\"*\" | {\"IpAddress\": {\"aws:SourceIp\": \"10.0.0.0/24\"}} | false",
                "\"*\" | {\"IpAddress\": {\"aws:SourceIp\": \"0.0.0.0/0\"}} | true",
                "\"*\" | {\"IpAddress\": {\"aws:SourceIp\": \"2000::/4\"}} | true",
                "\"*\" | {\"NotIpAddress\": {\"aws:SourceIp\": \"10.0.0.0/24\"}} | true",
                "\"*\" | {\"StringEquals\": {\"aws:PrincipalAccount\": \"111122223333\"}} | false",
                "\"*\" | {\"StringEqualsIfExists\": {\"aws:PrincipalAccount\": \"111122223333\"}} | true",
                "\"*\" | {\"StringLike\": {\"aws:userid\": \"AIDA*\"}} | true",
                "\"*\" | {\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::111122223333:*\"}} | false",
                "\"*\" | {\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::*:user/a\"}} | true",
                "\"*\" | {\"StringEquals\": {\"aws:Referer\": \"http://x\"}} | true",
                "\"*\" | {\"Bool\": {\"aws:SecureTransport\": \"true\"}} | true",
            })
    void publicIsWhatTiesNobody(String principal, String condition, boolean expected) {
        Policy policy = PolicyParser.resource("{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\","
                + " \"Principal\": " + principal
                + ", \"Action\": \"s3:GetObject\", \"Resource\": \"*\", \"Condition\": "
                + condition + "}}");
        assertThat(PublicPolicy.isPublic(policy)).isEqualTo(expected);
    }

    @Test
    void theAdministratorsPolicyIsKnownWithoutLookingAtTheRequest() {
        Policy all = ManagedPolicies.of(ManagedPolicies.ADMINISTRATOR_ACCESS).orElseThrow();
        assertThat(new IdentityPolicies(java.util.List.of(all)).unrestricted()).isTrue();
        assertThat(new IdentityPolicies(java.util.List.of(all, PolicyParser.identity(DENY))).unrestricted())
                .isFalse();
        assertThat(IdentityPolicies.NONE.unrestricted()).isFalse();
    }
}
