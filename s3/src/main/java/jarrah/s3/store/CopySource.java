package jarrah.s3.store;

/** What is copied: the object of a key, if the condition holds; else 412. */
public record CopySource(String bucket, String key, ReadCondition condition) {}
