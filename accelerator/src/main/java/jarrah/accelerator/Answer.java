package jarrah.accelerator;

import jarrah.accelerator.rules.ByteRanges;
import jarrah.accelerator.rules.Conditional;
import jarrah.accelerator.rules.Fields;
import jarrah.accelerator.rules.RequestFacts;
import jarrah.http.ByteRange;
import jarrah.http.Headers;
import jarrah.http.ResponseHead;

/**
 * What a request gets of a representation whose head is known: decided here without I/O, sent by {@link Delivery}.
 *
 * @param head as sent
 * @param payload what of the body goes with it
 */
record Answer(ResponseHead head, Payload payload) {
    /** The length of a representation that shows only at its end. */
    static final long UNKNOWN = -1;

    /** What of a representation's body an answer carries. */
    sealed interface Payload {
        /** Nothing: the head says it all. */
        record Nothing() implements Payload {}

        /**
         * All of it.
         *
         * @param length bytes, or {@link #UNKNOWN}
         */
        record Whole(long length) implements Payload {}

        /** One part of it. */
        record Part(ByteRange range) implements Payload {}

        /** Several parts. */
        record Several(Multipart parts) implements Payload {}
    }

    /**
     * Decides.
     *
     * @param status of the representation
     * @param fields to send with the whole; the answer's own from now on
     * @param total its length, bytes, or {@link #UNKNOWN}; then no part of it can be told
     * @param responseMillis when its head arrived
     * @param anyOrder whether several parts can be sent, whatever their order
     */
    static Answer of(
            RequestFacts request, int status, Headers fields, long total, long responseMillis, boolean anyOrder) {
        Conditional outcome = Conditional.evaluate(request, status, fields, responseMillis);
        if (outcome != Conditional.SEND) {
            return bare(outcome == Conditional.NOT_MODIFIED ? 304 : 412, fields);
        }
        boolean ranged = request.range() != null && request.isGet() && status == 200 && total != UNKNOWN;
        if (ranged && Conditional.rangeApplies(request, fields, responseMillis)) {
            switch (ByteRanges.of(request.range(), total)) {
                case ByteRanges.Whole _ -> {}
                case ByteRanges.Unsatisfiable _ -> {
                    Answer refused = bare(416, fields);
                    refused.head().headers().add("Content-Range", ByteRange.unsatisfiedContentRange(total));
                    return refused;
                }
                case ByteRanges.Parts(var parts) -> {
                    if (parts.size() == 1) {
                        fields.set("Content-Range", parts.getFirst().contentRange(total));
                        return new Answer(new ResponseHead(206, fields), new Payload.Part(parts.getFirst()));
                    }
                    if (anyOrder) {
                        Multipart multipart = Multipart.of(parts, total, fields.first("Content-Type"));
                        fields.set("Content-Type", multipart.contentType());
                        return new Answer(new ResponseHead(206, fields), new Payload.Several(multipart));
                    }
                }
            }
        }
        return new Answer(new ResponseHead(status, fields), new Payload.Whole(total));
    }

    /** An answer about the representation that carries nothing of it. */
    private static Answer bare(int status, Headers fields) {
        return new Answer(new ResponseHead(status, Fields.ofNotModified(fields)), new Payload.Nothing());
    }
}
