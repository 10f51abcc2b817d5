package jarrah.cli.image;

/**
 * Where a bundle lies: {@code BUCKET} or {@code BUCKET/PREFIX}.
 *
 * @param bucket its name
 * @param prefix what keys begin with: empty, or ends in a slash
 */
record BucketPath(String bucket, String prefix) {
    static BucketPath of(String text) {
        String bare = text.startsWith("s3://") ? text.substring(5) : text;
        String trimmed = bare.replaceAll("/+$", "");
        int slash = trimmed.indexOf('/');
        return slash < 0
                ? new BucketPath(trimmed, "")
                : new BucketPath(trimmed.substring(0, slash), trimmed.substring(slash + 1) + "/");
    }

    String key(String fileName) {
        return prefix + fileName;
    }

    @Override
    public String toString() {
        return prefix.isEmpty() ? bucket : bucket + "/" + prefix;
    }
}
