/**
 * Durable state: {@link jarrah.storage.Kv}, an ordered transactional map of bytes for records;
 * {@link jarrah.storage.Blobs}, write-once files for bytes; {@link jarrah.storage.StoreChanges}, which tells caches in
 * the same process that an object is no longer what it was.
 *
 * <p>Nothing here knows what a bucket or an instance is. An acknowledged write is on the disk: the contract tests drop
 * everything that was not synced and look again.
 */
@NullMarked
package jarrah.storage;

import org.jspecify.annotations.NullMarked;
