package jarrah.storage;

/** When reading compares a blob's bytes with their checksums. */
public enum VerifyMode {
    /** On each read: finds damage that came since the last one, in the page cache too. */
    ALWAYS,
    /** The first time since the start of the process, and again when the file's size or time of change differ. */
    FIRST_READ,
    /** Never on reads: only when the scrubber comes by. */
    SCRUB
}
