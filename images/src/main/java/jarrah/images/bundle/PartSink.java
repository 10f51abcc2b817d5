package jarrah.images.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Takes the parts of a bundle that is being made. One thread calls at a time: {@link #open} for each part in turn, and then
 * one of the other two.
 */
public interface PartSink {
    /**
     * Opens the next part, whose name is not known yet: it depends on how many there will be.
     *
     * @param index from 0
     * @return takes the part's bytes, and is closed after the last
     */
    OutputStream open(int index) throws IOException;

    /** All parts are whole, and these are their names. */
    void complete(List<Manifest.Part> parts) throws IOException;

    /** Bundling failed: nothing is to stay. Streams that were opened are closed. */
    void discard();
}
