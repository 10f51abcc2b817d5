package jarrah.accelerator;

import jarrah.accelerator.Segments.Found;
import jarrah.accelerator.Segments.Piece;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.CacheStatus.Forward;
import jarrah.accelerator.rules.RequestFacts;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.store.Entry;
import jarrah.accelerator.store.Prepared;
import jarrah.accelerator.store.StoredHead;
import jarrah.http.Body;
import jarrah.http.ByteRange;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import java.io.IOException;
import java.util.List;

/** Answers a request from {@link Segments}. Owned by the request's thread. */
final class PartialAnswer {
    /** What became of it. */
    sealed interface Outcome {
        /**
         * It is answered.
         *
         * @param hit whether all of it was stored
         * @param told as Cache-Status
         */
        record Sent(boolean hit, String told) implements Outcome {}

        /** The origin answered with something else; to be delivered, and its reader closed. */
        record Otherwise(Fetch.Ticket ticket, Fetch.Outcome.Arriving arriving) implements Outcome {}

        /** There is no answer. */
        record Failed(int status) implements Outcome {}

        /** Nothing was sent: the whole is wanted, and is not here. */
        record Whole() implements Outcome {}

        /** Nothing was sent: it is for the origin to answer. */
        record Pass() implements Outcome {}

        /** Nothing was sent: look again. */
        record Again() implements Outcome {}
    }

    private final Fetches fetches;
    private final Exchange exchange;
    private final Site site;
    private final RequestFacts facts;
    private final Segments segments;

    PartialAnswer(Fetches fetches, Exchange exchange, Site site, RequestFacts facts, Segments.Asker asker) {
        this.fetches = fetches;
        this.exchange = exchange;
        this.site = site;
        this.facts = facts;
        this.segments = new Segments(fetches, asker);
    }

    /** @param specs what is asked for; for a request without a range, all */
    Outcome send(List<ByteRange.Spec> specs) throws IOException {
        return switch (segments.first(specs)) {
            case Piece piece -> {
                try (piece) {
                    yield send(piece);
                }
            }
            case Found.Otherwise(var _, var arriving)
            when arriving.head().status() == 416 && facts.conditional() -> {
                arriving.reader().close(); // a precondition comes before the range (RFC 9110, 13.2.2)
                yield new Outcome.Pass();
            }
            case Found.Otherwise(var ticket, var arriving) -> new Outcome.Otherwise(ticket, arriving);
            case Found.Failed(var status) -> new Outcome.Failed(status);
            case Found.Not _ -> new Outcome.Again();
        };
    }

    private Outcome send(Piece piece) throws IOException {
        StoredHead head = piece.head();
        Headers fields = Prepared.fields(site, head.headers(), head.responseMillis());
        fields.remove("Content-Length");
        fields.remove("Age");
        if (!fields.contains("Accept-Ranges")) {
            fields.add("Accept-Ranges", "bytes");
        }
        Answer answer = Answer.of(facts, head.status(), fields, piece.total(), head.responseMillis(), true);
        if (answer.head().status() == 412 && !vouched(piece)) {
            return new Outcome.Pass(); // the origin's representation counts, not our copy of it (RFC 9110, 13.1.1)
        }
        List<ByteRange> ranges = ranges(answer.payload());
        boolean hit = segments.covered(piece, ranges);
        if (!hit && answer.payload() instanceof Answer.Payload.Whole) {
            return new Outcome.Whole();
        }
        if (!hit && ranges.stream().mapToLong(ByteRange::length).sum() > Segments.FETCH_BYTES) {
            return new Outcome.Pass(); // one long answer costs less than many parts, and would push out much else
        }
        long age = age(piece);
        if (age >= 0) {
            answer.head().headers().add("Age", Long.toString(age));
        }
        String told = told(piece, hit);
        answer.head().headers().add("Cache-Status", told);
        deliver(answer, piece, ranges);
        return new Outcome.Sent(hit, told);
    }

    private static boolean vouched(Piece piece) {
        return piece instanceof Found.Stored(var entry) && entry.generations() != null;
    }

    private static List<ByteRange> ranges(Answer.Payload payload) {
        return switch (payload) {
            case Answer.Payload.Nothing _ -> List.of();
            case Answer.Payload.Whole(var length) -> List.of(new ByteRange(0, length - 1));
            case Answer.Payload.Part(var range) -> List.of(range);
            case Answer.Payload.Several(var parts) -> parts.ranges();
        };
    }

    /** Seconds; -1 if there is nothing to tell. */
    private long age(Piece piece) {
        long now = fetches.clock().millis();
        return switch (piece) {
            case Found.Stored(Entry entry) ->
                entry.generations() != null
                        ? 0
                        : entry.prepared(site).life().ageMillis(entry.head().responseMillis(), now) / 1000;
            case Found.OnItsWay(var _, var arriving, var _) ->
                arriving.initialAgeMillis() > 0
                        ? (arriving.initialAgeMillis()
                                        + Math.max(0, now - arriving.head().responseMillis()))
                                / 1000
                        : -1;
        };
    }

    private static String told(Piece piece, boolean hit) {
        return switch (piece) {
            case Found.Stored _ when hit -> CacheStatus.hit();
            case Found.Stored _ -> CacheStatus.forwarded(Forward.PARTIAL, 0, 0, true, false);
            case Found.OnItsWay(var ticket, var arriving, var _) ->
                CacheStatus.forwarded(Forward.URI_MISS, 0, 0, arriving.stored(), !ticket.leader());
        };
    }

    private void deliver(Answer answer, Piece piece, List<ByteRange> ranges) throws IOException {
        switch (answer.payload()) {
            case Answer.Payload.Nothing _ -> exchange.send(answer.head(), Body.EMPTY);
            case Answer.Payload.Several(var parts) ->
                Delivery.stream(
                        exchange, answer, parts.length(), target -> segments.copyTo(target, piece, ranges, parts));
            case Answer.Payload.Whole _, Answer.Payload.Part _ ->
                Delivery.stream(
                        exchange,
                        answer,
                        ranges.getFirst().length(),
                        target -> segments.copyTo(target, piece, ranges, null));
        }
    }
}
