package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Ec2Error;
import jarrah.iam.SecretBox;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A page of a listing.
 *
 * @param next the token of the next page; empty on the last
 */
record Page<T>(List<T> items, Optional<String> next) {
    private static final int MIN_RESULTS = 5;
    private static final int MAX_RESULTS = 1_000;

    /** Makes tokens that nobody else can make or read. */
    record Tokens(SecretBox box) {
        private String seal(String action, String last) {
            byte[] sealed = box.seal(last.getBytes(StandardCharsets.UTF_8), "page of " + action);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
        }

        private String open(String action, String token) {
            try {
                return new String(
                        box.unseal(Base64.getUrlDecoder().decode(token), "page of " + action), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw Ec2Error.NEXT_TOKEN.because("The token '" + token + "' is invalid");
            }
        }
    }

    /**
     * Cuts the page that a request asks for.
     *
     * @param all in the order of the listing, by ascending id
     * @param named whether the request names the resources: then it cannot ask for pages
     */
    static <T> Page<T> of(Ec2Call call, Tokens tokens, List<T> all, Function<T, String> key, boolean named) {
        return of(call, tokens, all, key, named, MAX_RESULTS);
    }

    /** As above, for an action whose pages have fewer items. */
    static <T> Page<T> of(
            Ec2Call call, Tokens tokens, List<T> all, Function<T, String> key, boolean named, int maxResults) {
        Optional<Integer> limit = call.integer("MaxResults");
        Optional<String> token = call.optional("NextToken");
        if (limit.isPresent() && (limit.get() < MIN_RESULTS || limit.get() > maxResults)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Value ( " + limit.get()
                    + " ) for parameter maxResults is invalid. Expecting a value between 5 and " + maxResults + ".");
        }
        if (named && (limit.isPresent() || token.isPresent())) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "The parameter MaxResults or NextToken cannot be used with ids in the same request.");
        }
        List<T> sorted = all.stream()
                .sorted((a, b) -> key.apply(a).compareTo(key.apply(b)))
                .toList();
        String after =
                token.map(text -> tokens.open(call.request().action(), text)).orElse("");
        List<T> left = sorted.stream()
                .filter(item -> key.apply(item).compareTo(after) > 0)
                .toList();
        int count = Math.min(limit.orElse(left.size()), left.size());
        boolean more = count < left.size();
        List<T> items = left.subList(0, count);
        return new Page<>(
                items,
                more
                        ? Optional.of(tokens.seal(call.request().action(), key.apply(items.getLast())))
                        : Optional.empty());
    }

    void writeNext(XmlWriter xml) {
        next.ifPresent(token -> xml.text("nextToken", token));
    }
}
