package jarrah.accelerator.site;

import jarrah.http.HttpOrigin;

/**
 * An S3-compatible store elsewhere, and how it is spoken to.
 *
 * @param server e.g. {@code https://s3.eu-west-1.amazonaws.com}
 * @param region to sign for
 * @param pathStyle whether a bucket stands in the path, else in the host's name
 */
public record S3Endpoint(HttpOrigin server, String region, boolean pathStyle, S3Credentials credentials, Reach reach) {}
