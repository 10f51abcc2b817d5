package jarrah.s3;

/** Told of each request that the object store has answered; must not block. */
@FunctionalInterface
public interface S3Listener {
    /**
     * @param operation AWS's name of the operation; {@code Unknown} if the request was none
     * @param status the status sent; 0 if none was
     * @param bytesSent bytes of the answer's body
     * @param nanos from the request's head to the end of the answer, nanoseconds
     */
    void answered(String operation, int status, long bytesSent, long nanos);
}
