package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.rules.Storability.Asked;
import jarrah.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9111, 3 and 3.5: which responses a shared cache may store. */
final class StorabilityTest {
    private static Storability judge(Asked asked, int status, String fields, CachePolicy policy) {
        Headers headers = Headers.of();
        for (String line : fields.split("~")) {
            if (!line.isBlank()) {
                String[] pair = line.strip().split(": *", 2);
                headers.add(pair[0], pair[1]);
            }
        }
        var directives = ResponseDirectives.of(headers);
        return Storability.judge(
                asked, status, headers, directives, Lifetime.of(status, headers, directives, policy, 0, 0), policy);
    }

    /** Requests: P plain, A with Authorization, C with Cookie, N with no-store. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "P|200|Cache-Control: max-age=60|STORE",
                "P|200|ETag: \"a\"|STORE",
                "P|200|X: y|USELESS",
                "P|200|Cache-Control: no-store, max-age=60|NO_STORE",
                "P|200|Cache-Control: private, max-age=60|PRIVATE",
                "P|200|Cache-Control: private=\"x-a\", max-age=60|STORE",
                "P|200|Cache-Control: private=\"content-type\", max-age=60|PRIVATE",
                "P|200|Cache-Control: no-cache~ETag: \"a\"|STORE",
                "P|200|Cache-Control: max-age=60~Vary: *|VARIES",
                "P|200|Cache-Control: max-age=60~Vary: Accept, *|VARIES",
                "P|200|Cache-Control: max-age=60~Vary: Accept~Vary: *|VARIES",
                "P|206|Cache-Control: max-age=60|STATUS",
                "P|304|Cache-Control: max-age=60|STATUS",
                "P|302|Cache-Control: max-age=60|STORE",
                "P|302|X: y|NOT_EXPLICIT",
                "P|404|X: y|NOT_EXPLICIT",
                "P|404|Cache-Control: max-age=60|STORE",
                "P|404|Cache-Control: public~ETag: \"a\"|STORE",
                "P|404|Date: Thu, 18 Aug 2022 02:01:18 GMT~Last-Modified: Tue, 18 Aug 2020 02:01:18 GMT|STORE",
                "C|404|Date: Thu, 18 Aug 2022 02:01:18 GMT~Last-Modified: Tue, 18 Aug 2020 02:01:18 GMT|NOT_EXPLICIT",
                "P|403|Date: Thu, 18 Aug 2022 02:01:18 GMT~Last-Modified: Tue, 18 Aug 2020 02:01:18 GMT|NOT_EXPLICIT",
                "P|502|Date: Thu, 18 Aug 2022 02:01:18 GMT~Last-Modified: Tue, 18 Aug 2020 02:01:18 GMT|NOT_EXPLICIT",
                "P|500|X: y|NOT_EXPLICIT",
                "P|500|Cache-Control: max-age=60|STORE",
                "P|599|Expires: Thu, 18 Aug 2050 02:01:18 GMT|STORE",
                "P|200|Cache-Control: no-store, must-understand, max-age=60|STORE",
                "P|299|Cache-Control: no-store, must-understand, max-age=60|NO_STORE",
                "P|299|Cache-Control: must-understand, max-age=60|STATUS",
                "P|200|Set-Cookie: a=b|NOT_EXPLICIT",
                "P|200|Set-Cookie: a=b~Cache-Control: max-age=60|STORE",
                "A|200|Cache-Control: max-age=60|AUTHORIZATION",
                "A|200|Cache-Control: max-age=60, public|STORE",
                "A|200|Cache-Control: s-maxage=60|STORE",
                "A|200|Cache-Control: max-age=60, must-revalidate|STORE",
                "A|200|Cache-Control: max-age=60, proxy-revalidate|AUTHORIZATION",
                "C|200|Last-Modified: Thu, 18 Aug 2020 02:01:18 GMT|NOT_EXPLICIT",
                "C|200|Cache-Control: max-age=60|STORE",
                "N|200|Cache-Control: max-age=60|NO_STORE",
                "P|200|CDN-Cache-Control: max-age=60~Cache-Control: no-store|STORE",
                "P|200|CDN-Cache-Control: no-store~Cache-Control: max-age=60|NO_STORE",
            })
    void aSharedCacheStoresWhatItMay(char request, int status, String fields, Storability expected) {
        var asked = new Asked(request == 'A', request == 'C', request == 'N');
        assertThat(judge(asked, status, fields, CachePolicy.DEFAULT)).isEqualTo(expected);
    }

    @Test
    void whatNobodyCouldEverUseIsNotStored() {
        assertThat(judge(Asked.PLAIN, 200, "X: y", CachePolicy.STRICT)).isEqualTo(Storability.USELESS);
        assertThat(judge(Asked.PLAIN, 200, "Cache-Control: no-cache", CachePolicy.DEFAULT))
                .isEqualTo(Storability.USELESS);
    }

    @Test
    void theOperatorsTtlCoversCookiesOfRequestsButNotOfResponses() {
        var policy = new CachePolicy(60_000, 0, 0, 0, true, KeyQuery.WHOLE, false);
        assertThat(judge(new Asked(false, true, false), 200, "X: y", policy)).isEqualTo(Storability.STORE);
        assertThat(judge(Asked.PLAIN, 200, "Set-Cookie: a=b", policy)).isEqualTo(Storability.NOT_EXPLICIT);
    }
}
