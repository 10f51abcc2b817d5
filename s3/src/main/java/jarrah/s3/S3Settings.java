package jarrah.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What can be chosen for the object store.
 *
 * @param region this region's name
 * @param strictRegion whether signatures made for other regions are refused
 * @param bucketAcls whether a bucket made without saying so honours ACLs; else its owner alone counts
 * @param domains domains under which {@code BUCKET.DOMAIN} names a bucket, besides {@code s3.localhost}
 * @param day the length of a day of lifecycles
 * @param signatureV2 whether signatures of version 2 are taken
 * @param customerKeysInClear whether keys of SSE-C are taken over plain HTTP from this host itself
 * @param destinations who can be told of events
 */
public record S3Settings(
        String region,
        boolean strictRegion,
        boolean bucketAcls,
        List<String> domains,
        Duration day,
        boolean signatureV2,
        boolean customerKeysInClear,
        List<Destination> destinations) {

    /** Whether a day is a real one, so that AWS's least numbers of days hold. */
    public boolean longDays() {
        return day.compareTo(Duration.ofDays(1)) >= 0;
    }

    /** The destination of a name. */
    public Optional<Destination> destination(String name) {
        return destinations.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** Who can be told of events; the last part of an ARN names him. */
    public sealed interface Destination {
        String name();

        /** An HTTP endpoint that gets each event by POST. */
        record Webhook(String name, URI url, Optional<String> token) implements Destination {}

        /** A file to which each event is appended as a line. */
        record Lines(String name, Path file) implements Destination {}
    }
}
