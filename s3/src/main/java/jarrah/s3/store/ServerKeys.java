package jarrah.s3.store;

/** Makes and opens the data keys of encrypted bytes, with keys that are not the client's. Thread-safe. */
public interface ServerKeys {
    /** A store without keys: nothing can be encrypted. */
    ServerKeys NONE = new ServerKeys() {
        @Override
        public DataKey make(Encryption mode) {
            throw new IllegalStateException("no keys for " + mode);
        }

        @Override
        public byte[] open(Encryption encryption) {
            throw new IllegalStateException("no keys for " + encryption);
        }
    };

    /**
     * A data key.
     *
     * @param encryption with the wrapped key, to be kept
     * @param key 32 bytes, not to be kept
     */
    record DataKey(Encryption encryption, byte[] key) {
        @Override
        public String toString() {
            return "DataKey[" + encryption + "]";
        }
    }

    /**
     * Makes a data key.
     *
     * @param mode kind and key
     */
    DataKey make(Encryption mode);

    /** The data key of what was encrypted so. */
    byte[] open(Encryption encryption);
}
