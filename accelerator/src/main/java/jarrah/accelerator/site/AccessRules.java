package jarrah.accelerator.site;

import jarrah.accelerator.access.Passwords;
import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.access.SigningKeys;
import jarrah.accelerator.access.Tokens;
import java.net.InetAddress;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask for what, judged on every request, hit or miss: the first rule that matches decides; if none does, the
 * request is denied. A site without rules allows all.
 *
 * @param rules in the file's order
 */
public record AccessRules(List<Rule> rules) {
    /** Everybody may have everything. */
    public static final AccessRules OPEN = new AccessRules(List.of());

    private static final Verdict FREE = new Verdict.Allowed(Verdict.Taken.NOTHING);
    private static final Verdict BY_AUTHORIZATION = new Verdict.Allowed(Verdict.Taken.AUTHORIZATION);
    private static final Verdict LATER = new Verdict.Later();
    private static final Verdict FORBIDDEN = new Verdict.Denied(403, null, null);

    /**
     * One rule.
     *
     * @param allow whether what it matches is allowed
     * @param who whom it matches
     * @param path which paths it matches; {@code *} for all
     */
    public record Rule(boolean allow, Who who, PathPattern path) {}

    /**
     * A pattern on the path of a request.
     *
     * @param whole whether it is matched against the whole path; else against what lies under the site's path
     */
    public record PathPattern(String pattern, boolean whole) {
        /** All paths. */
        public static final PathPattern ALL = new PathPattern("*", false);

        /** A pattern that begins with a slash speaks of the whole path. */
        public static PathPattern of(String pattern) {
            return new PathPattern(pattern, pattern.startsWith("/"));
        }

        boolean matches(String path, String rest) {
            return pattern.equals("*") || new Glob(pattern).matches(whole ? path : rest);
        }
    }

    public boolean isOpen() {
        return rules.isEmpty();
    }

    /** Whether a signature in the query is these rules' to judge; it is no part of what is asked for then. */
    public boolean takeSignedUrls() {
        for (Rule rule : rules) {
            if (rule.who() instanceof Who.Signed) {
                return true;
            }
        }
        return false;
    }

    /**
     * A request as the rules see it.
     *
     * @param client who asks
     * @param url as far as it counts for a signature in the query
     * @param signature of the URL; null if it has none
     * @param rest what lies under the site's path
     * @param path the whole path, decoded
     * @param authorization as sent; null if there is none
     * @param nowMillis since 1970
     * @param signer judges the client's signature of version 4, and may wait; null if nothing may wait
     */
    public record Asked(
            InetAddress client,
            SignedUrl.Subject url,
            @Nullable SignedUrl signature,
            String path,
            String rest,
            @Nullable String authorization,
            long nowMillis,
            @Nullable Supplier<Verdict> signer) {
        boolean mayWait() {
            return signer != null;
        }

        /** The credentials of that scheme (RFC 9110, 11.6.2); null if there are none. */
        @Nullable
        String credentials(String scheme) {
            int length = scheme.length();
            return authorization != null
                            && authorization.length() > length
                            && authorization.charAt(length) == ' '
                            && authorization.regionMatches(true, 0, scheme, 0, length)
                    ? authorization.substring(length + 1).strip()
                    : null;
        }
    }

    /** Decides. */
    public Verdict judge(Asked asked) {
        var refusal = new Refusal(asked.url().site());
        for (Rule rule : rules) {
            if (!rule.path().matches(asked.path(), asked.rest())) {
                continue;
            }
            Verdict verdict = match(rule.who(), asked, refusal);
            if (verdict instanceof Verdict.Allowed) {
                return rule.allow() ? verdict : refusal.verdict();
            }
            if (verdict != null) {
                return verdict;
            }
        }
        return rules.isEmpty() ? FREE : refusal.verdict();
    }

    /**
     * What one request may see of many names: whom a rule is about is found out once, and not before a name comes to it.
     *
     * @param asked the request; its own path does not count
     * @return takes a whole path and what of it lies under the site's path
     */
    public BiPredicate<String, String> sight(Asked asked) {
        var refusal = new Refusal(asked.url().site());
        @Nullable Verdict[] met = new @Nullable Verdict[rules.size()];
        var known = new boolean[rules.size()];
        return (path, rest) -> {
            for (int i = 0; i < rules.size(); i++) {
                if (!rules.get(i).path().matches(path, rest)) {
                    continue;
                }
                if (!known[i]) {
                    known[i] = true;
                    met[i] = match(rules.get(i).who(), asked, refusal);
                }
                Verdict verdict = met[i];
                if (verdict != null) {
                    return verdict instanceof Verdict.Allowed && rules.get(i).allow();
                }
            }
            return rules.isEmpty();
        };
    }

    /** Allowed if it is he, null if not, else what the answer then is. */
    private static @Nullable Verdict match(Who who, Asked asked, Refusal refusal) {
        return switch (who) {
            case Who.Everyone _ -> FREE;
            case Who.Networks networks -> networks.contain(asked.client()) ? FREE : null;
            case Who.Token(var tokens) -> token(tokens, asked, refusal);
            case Who.Password(var passwords) -> password(passwords, asked, refusal);
            case Who.Signed(var keys) -> signed(keys, asked, refusal);
            case Who.Iam _ -> {
                Supplier<Verdict> signer = asked.signer();
                if (signer == null) {
                    yield LATER;
                }
                Verdict verdict = signer.get();
                if (verdict instanceof Verdict.Denied denied) {
                    refusal.because(denied);
                    yield null;
                }
                yield verdict;
            }
        };
    }

    private static @Nullable Verdict token(Who.Credentials<Tokens> source, Asked asked, Refusal refusal) {
        String token = asked.credentials("Bearer");
        if (token != null) {
            Tokens tokens = source.get(asked.mayWait());
            if (tokens == null) {
                return LATER;
            }
            if (tokens.contain(token)) {
                return BY_AUTHORIZATION;
            }
        }
        refusal.challenge("Bearer", token != null ? ", error=\"invalid_token\"" : "");
        return null;
    }

    private static @Nullable Verdict password(Who.Credentials<Passwords> source, Asked asked, Refusal refusal) {
        String basic = asked.credentials("Basic");
        if (basic != null) {
            Passwords passwords = source.get(asked.mayWait());
            Boolean right = passwords == null
                    ? null
                    : asked.mayWait() ? Boolean.valueOf(passwords.check(basic)) : passwords.ifKnown(basic);
            if (right == null) {
                return LATER;
            }
            if (right) {
                return BY_AUTHORIZATION;
            }
        }
        refusal.challenge("Basic", ", charset=\"UTF-8\"");
        return null;
    }

    private static @Nullable Verdict signed(Who.Credentials<SigningKeys> source, Asked asked, Refusal refusal) {
        SignedUrl signature = asked.signature();
        if (signature == null) {
            return null;
        }
        SigningKeys keys = source.get(asked.mayWait());
        if (keys == null) {
            return LATER;
        }
        return switch (signature.judge(keys, asked.url(), asked.nowMillis())) {
            case GOOD -> FREE;
            case EXPIRED -> {
                refusal.because(new Verdict.Denied(403, null, "The link has expired."));
                yield null;
            }
            case BAD -> {
                refusal.because(new Verdict.Denied(403, null, "The signature of the link is not valid."));
                yield null;
            }
        };
    }

    /** What a request is told that no rule let in. Owned by one judgement. */
    private static final class Refusal {
        private final String realm;
        private String challenges = "";
        private Verdict.@Nullable Denied reason;

        Refusal(String realm) {
            this.realm = realm;
        }

        void challenge(String scheme, String more) {
            if (!challenges.contains(scheme)) {
                challenges += (challenges.isEmpty() ? "" : ", ") + scheme + " realm=\"" + realm + "\"" + more;
            }
        }

        void because(Verdict.Denied denied) {
            reason = denied;
        }

        /** A credential that was shown and will not do is told before one that was not shown at all. */
        Verdict verdict() {
            if (reason != null) {
                return reason;
            }
            return challenges.isEmpty() ? FORBIDDEN : new Verdict.Denied(401, challenges, null);
        }
    }
}
