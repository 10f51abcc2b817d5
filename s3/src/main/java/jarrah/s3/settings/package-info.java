/**
 * What the documents mean that say how a bucket behaves: CORS, website, lifecycle, logging, notification, replication,
 * encryption, tags. Each class is one document: {@code of(XmlElement)} reads and validates it as S3 does, the methods
 * answer what the document decides. Pure; the store keeps the documents ({@link jarrah.s3.store.BucketSettings}),
 * {@code jarrah.s3.wire} takes and gives them.
 *
 * <p>Facts are of the "Amazon S3 API Reference", the page of each Put operation.
 */
@NullMarked
package jarrah.s3.settings;

import org.jspecify.annotations.NullMarked;
