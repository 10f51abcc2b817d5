package jarrah.cli.image;

import jarrah.images.bundle.Progress;
import java.io.PrintWriter;

/** Shows progress in percent on one line of a terminal that is written over; nothing where nobody watches. */
final class ProgressLine implements Progress, AutoCloseable {
    private final PrintWriter err;
    private final boolean watched;
    private final String what;
    private long shown = -1;

    ProgressLine(PrintWriter err, boolean watched, String what) {
        this.err = err;
        this.watched = watched;
        this.what = what;
    }

    @Override
    public void at(long doneBytes, long totalBytes) {
        long percent = totalBytes == 0 ? 100 : doneBytes * 100 / totalBytes;
        if (watched && percent != shown) {
            shown = percent;
            err.printf("\r%s %3d %%", what, percent);
            err.flush();
        }
    }

    /** Wipes the line. */
    @Override
    public void close() {
        if (shown >= 0) {
            err.print("\r" + " ".repeat(what.length() + 6) + "\r");
            err.flush();
        }
    }
}
