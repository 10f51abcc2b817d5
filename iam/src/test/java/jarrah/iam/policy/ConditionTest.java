package jarrah.iam.policy;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.iam.Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every operator, where it holds and where it does not. */
class ConditionTest {
    private static boolean holds(String operator, String values, Context context) {
        Policy policy = PolicyParser.resource("""
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                 "Resource": "*", "Condition": {"%s": {"s3:key": %s}}}]}""".formatted(operator, values));
        var request = new Evaluator.Request(Principal.ANONYMOUS, "s3:GetObject", "arn:aws:s3:::b/k", context);
        return Evaluator.byResource(policy, request).decision() == Decision.ALLOW;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "StringEquals | a | a | true",
                "StringEquals | a | A | false",
                "StringEquals | a* | abc | false",
                "StringEquals | a* | a* | true",
                "StringNotEquals | a | b | true",
                "StringNotEquals | a | a | false",
                "StringEqualsIgnoreCase | aB | Ab | true",
                "StringNotEqualsIgnoreCase | aB | Ab | false",
                "StringLike | a*c? | abbcd | true",
                "StringLike | a*c? | abbc | false",
                "StringNotLike | a* | abc | false",
                "StringNotLike | a* | bc | true",
                "NumericEquals | 10 | 10.0 | true",
                "NumericEquals | 10 | ten | false",
                "NumericNotEquals | 10 | 11 | true",
                "NumericNotEquals | 10 | 10 | false",
                "NumericLessThan | 10 | 9 | true",
                "NumericLessThan | 10 | 10 | false",
                "NumericLessThanEquals | 10 | 10 | true",
                "NumericLessThanEquals | 10 | 11 | false",
                "NumericGreaterThan | 10 | 11 | true",
                "NumericGreaterThan | 10 | 10 | false",
                "NumericGreaterThanEquals | 10 | 10 | true",
                "NumericGreaterThanEquals | 10 | -10 | false",
                "DateEquals | 2026-11-23T00:00:00Z | 2026-11-23 | true",
                "DateEquals | 2026-11-23T01:00:00+01:00 | 2026-11-23T00:00:00Z | true",
                "DateNotEquals | 2026-11-23 | 2026-11-24 | true",
                "DateLessThan | 2026-11-23 | 2026-11-22T23:59:59Z | true",
                "DateLessThan | 2026-11-23 | 2026-11-23 | false",
                "DateLessThanEquals | 2026-11-23 | 2026-11-23 | true",
                "DateGreaterThan | 1700000000 | 2026-11-23 | true",
                "DateGreaterThan | 2026-11-23 | 2026-11-23 | false",
                "DateGreaterThanEquals | 2026-11-23 | 2026-11-23 | true",
                "Bool | true | true | true",
                "Bool | true | false | false",
                "Bool | true | yes | false",
                "BinaryEquals | QUI= | QUI= | true",
                "BinaryEquals | QUI= | QUM= | false",
                "IpAddress | 10.0.0.0/8 | 10.1.2.3 | true",
                "IpAddress | 10.0.0.0/8 | 11.1.2.3 | false",
                "IpAddress | 10.1.2.3 | 10.1.2.3 | true",
                "IpAddress | 0.0.0.0/0 | 192.0.2.1 | true",
                "IpAddress | 0.0.0.0/0 | ::1 | false",
                "IpAddress | 2001:db8::/32 | 2001:db8:1::5 | true",
                "IpAddress | 2001:db8::/32 | 2001:db9::1 | false",
                "IpAddress | 0.0.0.0/0 | localhost | false",
                "NotIpAddress | 10.0.0.0/8 | 10.1.2.3 | false",
                "NotIpAddress | 10.0.0.0/8 | 11.1.2.3 | true",
                "ArnEquals | arn:aws:s3:::b* | arn:aws:s3:::bucket | true",
                "ArnLike | arn:aws:iam::*:user/* | arn:aws:iam::111122223333:user/a | true",
                "ArnLike | arn:*:user/a | arn:aws:iam::111122223333:user/a | false",
                "ArnNotLike | arn:aws:iam::*:user/* | arn:aws:iam::111122223333:root | true",
                "ArnNotEquals | arn:aws:s3:::b | arn:aws:s3:::b | false",
            })
    void operatorsCompare(String operator, String ofPolicy, String ofRequest, boolean expected) {
        Context context = Callers.context("s3:KEY", ofRequest);
        assertThat(holds(operator, '"' + ofPolicy + '"', context)).isEqualTo(expected);
        assertThat(holds(operator + "IfExists", '"' + ofPolicy + '"', context)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals, false",
        "StringNotEquals, true",
        "StringLike, false",
        "StringNotLike, true",
        "StringEqualsIfExists, true",
        "StringNotEqualsIfExists, true",
        "ForAllValues:StringEquals, true",
        "ForAnyValue:StringEquals, false",
        "ForAnyValue:StringNotEquals, false",
        "ForAnyValue:StringEqualsIfExists, true",
    })
    void aMissingKeyIsJudgedByTheOperator(String operator, boolean expected) {
        assertThat(holds(operator, "\"a\"", Context.EMPTY)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "ForAllValues:StringEquals, a b, true",
        "ForAllValues:StringEquals, a c, false",
        "ForAnyValue:StringEquals, a c, true",
        "ForAnyValue:StringEquals, c d, false",
        "ForAllValues:StringNotEquals, c d, true",
        "ForAllValues:StringNotEquals, a d, false",
        "ForAnyValue:StringNotEquals, a d, true",
        "ForAnyValue:StringNotEquals, a b, false",
        "StringEquals, c b, true",
        "StringNotEquals, c b, false",
    })
    void keysOfSeveralValuesAreJudgedByTheQuantifier(String operator, String ofRequest, boolean expected) {
        assertThat(holds(operator, "[\"a\", \"b\"]", Callers.context("s3:key", ofRequest)))
                .isEqualTo(expected);
    }

    @Test
    void nullAsksWhetherTheKeyIsThere() {
        assertThat(holds("Null", "true", Context.EMPTY)).isTrue();
        assertThat(holds("Null", "\"true\"", Callers.context("s3:key", "a"))).isFalse();
        assertThat(holds("Null", "false", Callers.context("s3:key", "a"))).isTrue();
        assertThat(holds("Null", "false", Context.EMPTY)).isFalse();
    }

    @Test
    void variablesStandForValuesAndNeverForWildcards() {
        Context context = Callers.context("s3:key", "red*", "aws:PrincipalTag/team", "red*");
        assertThat(holds("StringLike", "\"${aws:PrincipalTag/team}\"", context)).isTrue();
        Context other = Callers.context("s3:key", "redder", "aws:PrincipalTag/team", "red*");
        assertThat(holds("StringLike", "\"${aws:PrincipalTag/team}\"", other)).isFalse();
        assertThat(holds("StringLike", "\"${aws:PrincipalTag/none, 'x'}*\"", Callers.context("s3:key", "xyz")))
                .isTrue();
        assertThat(holds("StringLike", "\"${aws:PrincipalTag/none}*\"", Callers.context("s3:key", "xyz")))
                .isFalse();
        assertThat(holds("StringLike", "\"a${*}${?}${$}\"", Callers.context("s3:key", "a*?$")))
                .isTrue();
        assertThat(holds("StringLike", "\"a${*}\"", Callers.context("s3:key", "abc")))
                .isFalse();
    }
}
