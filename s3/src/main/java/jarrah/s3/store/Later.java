package jarrah.s3.store;

/** Stands in for what is about to be written. */
final class Later {
    private Later() {}

    static RuntimeException now() {
        return new UnsupportedOperationException();
    }
}
