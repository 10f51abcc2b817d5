package jarrah.bench;

import jarrah.accelerator.access.Passwords;
import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.access.SigningKeys;
import jarrah.accelerator.access.Tokens;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.Network;
import jarrah.accelerator.site.Verdict;
import jarrah.accelerator.site.Who;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of access cost by themselves: the decision that each hit takes, in a loop of this process. Over HTTP it is
 * less than what one pass differs from the next by.
 */
final class Decisions {
    private static final int WARM_UP = 1_000_000;
    private static final int COUNTED = 3_000_000;
    private static final int PASSES = 5;
    /** Rules before the one that lets in, each for other paths. */
    private static final int OTHERS = 9;

    private static final long NOW_MILLIS = 1_800_000_000_000L;
    private static final long EXPIRES_SECONDS = NOW_MILLIS / 1_000 + 3_600;
    private static final String PATH = "/releases/2026/jarrah.tar.gz";

    private final InetAddress client = InetAddress.getLoopbackAddress();
    private final SigningKeys keys = SigningKeys.of(Map.of("k1", "a-secret-of-the-benchmark"));
    private final String query = SignedUrl.parameters(keys, "k1", EXPIRES_SECONDS, subject());
    private final Map<String, Case> cases = new LinkedHashMap<>();
    private long allowed;

    /** Rules, and a request that they let in. */
    private record Case(
            AccessRules rules,
            @Nullable String authorization,
            @Nullable String query) {}

    /**
     * @param token of the benchmark's sites
     * @param passwords as in a file of passwords: the user {@code u} with the password {@code p}
     */
    Decisions(String token, String passwords) {
        Who network = new Who.Networks(List.of(Network.parse("10.0.0.0/8"), Network.parse("127.0.0.0/8")));
        Who bearer = new Who.Token(new Who.Credentials.Inline<>(Tokens.of(token)));
        var known = Passwords.read(passwords);
        known.check("dTpw");
        cases.put("networks, the second of two", new Case(rules(0, network), null, null));
        cases.put("bearer token", new Case(rules(0, bearer), "Bearer " + token, null));
        cases.put(
                "password that was checked before",
                new Case(rules(0, new Who.Password(new Who.Credentials.Inline<>(known))), "Basic dTpw", null));
        cases.put("signed URL", new Case(rules(0, new Who.Signed(new Who.Credentials.Inline<>(keys))), null, query));
        cases.put("the tenth of ten rules, networks", new Case(rules(OTHERS, network), null, null));
    }

    private static AccessRules rules(int others, Who who) {
        var rules = new ArrayList<AccessRules.Rule>();
        for (int i = 0; i < others; i++) {
            rules.add(new AccessRules.Rule(
                    false, new Who.Everyone(), AccessRules.PathPattern.of("private-" + i + "/*.key")));
        }
        rules.add(new AccessRules.Rule(true, who, AccessRules.PathPattern.ALL));
        return new AccessRules(rules);
    }

    private static SignedUrl.Subject subject() {
        return new SignedUrl.Subject("downloads", "GET", null, PATH);
    }

    /** Adds a section of nanoseconds for each. */
    void run(Report report) {
        report.section(
                "The decision alone",
                "Nanoseconds of CPU for what the rules of access decide on a hit, in a loop of one thread: the median of "
                        + PASSES + " passes of " + COUNTED + ".");
        report.header("", "CPU");
        cases.forEach((name, each) -> report.row(name, Bench.number(nanos(each)) + " ns"));
    }

    private double nanos(Case each) {
        decide(each, WARM_UP);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        var figures = new ArrayList<Double>();
        for (int pass = 0; pass < PASSES; pass++) {
            allowed = 0;
            long before = threads.getCurrentThreadCpuTime();
            decide(each, COUNTED);
            figures.add((threads.getCurrentThreadCpuTime() - before) / (double) COUNTED);
            if (allowed != COUNTED) {
                throw new IllegalStateException("only " + allowed + " were let in");
            }
        }
        return CpuMeter.median(figures);
    }

    /** What the accelerator does for a request on a site with rules, once it knows the site. */
    private void decide(Case each, int times) {
        for (int i = 0; i < times; i++) {
            SignedUrl signature = each.rules().takeSignedUrls() ? SignedUrl.parse(each.query()) : null;
            var asked = new AccessRules.Asked(
                    client, subject(), signature, PATH, PATH.substring(1), each.authorization(), NOW_MILLIS, null);
            if (each.rules().judge(asked) instanceof Verdict.Allowed) {
                allowed++;
            }
        }
    }
}
