package jarrah.s3;

import java.util.List;

/**
 * What can be chosen for the object store.
 *
 * @param region this region's name
 * @param strictRegion whether signatures made for other regions are refused
 * @param bucketAcls whether a bucket made without saying so honours ACLs; else its owner alone counts
 * @param domains domains under which {@code BUCKET.DOMAIN} names a bucket, besides {@code s3.localhost}
 */
public record S3Settings(String region, boolean strictRegion, boolean bucketAcls, List<String> domains) {}
