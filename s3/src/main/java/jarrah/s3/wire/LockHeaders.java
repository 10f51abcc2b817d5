package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.http.Headers;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.Retention;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Retention and legal hold as uploads ask for them and answers tell them. */
final class LockHeaders {
    private static final String MODE = "x-amz-object-lock-mode";
    private static final String UNTIL = "x-amz-object-lock-retain-until-date";
    private static final String HOLD = "x-amz-object-lock-legal-hold";

    private LockHeaders() {}

    /** What an upload asks for. */
    static ObjectLock of(S3Request request) {
        String mode = request.header(MODE);
        String until = request.header(UNTIL);
        String hold = request.header(HOLD);
        if (mode == null && until == null && hold == null) {
            return ObjectLock.NONE;
        }
        if ((mode == null) != (until == null)) {
            throw invalid(
                    UNTIL + " and " + MODE + " must both be supplied",
                    mode == null ? UNTIL : MODE,
                    mode == null ? until : mode);
        }
        Optional<Retention> retention = Optional.empty();
        if (mode != null) {
            Retention.Mode known = mode(mode);
            Instant time = time(until);
            if (known == null) {
                throw invalid("Unknown wormMode directive.", MODE, mode);
            }
            if (time == null) {
                throw invalid("The retain until date must be provided in ISO 8601 format", UNTIL, until);
            }
            retention = Optional.of(new Retention(known, time));
        }
        return new ObjectLock(retention, hold == null ? Optional.empty() : Optional.of(hold(hold)));
    }

    private static boolean hold(String text) {
        return switch (text) {
            case "ON" -> true;
            case "OFF" -> false;
            default -> throw invalid("Legal Hold must be either of 'ON' or 'OFF'", HOLD, text);
        };
    }

    private static S3WireException invalid(String message, String name, @Nullable String value) {
        return new S3WireException.InvalidArgument(message, name, String.valueOf(value));
    }

    /** The mode of a name; null if there is none. */
    static Retention.@Nullable Mode mode(@Nullable String name) {
        for (Retention.Mode mode : Retention.Mode.values()) {
            if (mode.name().equals(name)) {
                return mode;
            }
        }
        return null;
    }

    /** A time in ISO 8601, with {@code Z} or an offset; null if it is none. */
    static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null
                    ? null
                    : OffsetDateTime.parse(text.strip()).toInstant().truncatedTo(ChronoUnit.MILLIS);
        } catch (DateTimeException e) {
            return null;
        }
    }

    static void write(ObjectLock lock, Headers headers) {
        lock.retention()
                .ifPresent(retention ->
                        headers.add(MODE, retention.mode().name()).add(UNTIL, AwsTime.iso(retention.until())));
        lock.legalHold().ifPresent(on -> headers.add(HOLD, on ? "ON" : "OFF"));
    }
}
