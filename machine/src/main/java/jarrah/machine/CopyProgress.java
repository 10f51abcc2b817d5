package jarrah.machine;

import java.io.IOException;

/** Is told how far a long copy is, about twice a second as long as it lasts. */
@FunctionalInterface
public interface CopyProgress {
    /** Nobody wants to know. */
    CopyProgress NONE = _ -> {};

    /**
     * So much is done.
     *
     * @param percent 0 to 100
     * @throws IOException to end the copy, which then leaves nothing behind
     */
    void at(int percent) throws IOException;

    /** For a step that is a part of the whole, from one percentage of it to another. */
    default CopyProgress within(int from, int to) {
        return percent -> at(from + (to - from) * percent / 100);
    }
}
