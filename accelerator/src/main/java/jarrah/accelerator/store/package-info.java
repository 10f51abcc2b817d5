/**
 * Stored answers: small bodies in direct memory, the others in files that outlive the process.
 *
 * <p>{@link jarrah.accelerator.store.CacheStore} is the seam; {@link jarrah.accelerator.store.TieredCacheStore} the
 * implementation. An {@link jarrah.accelerator.store.Entry} is one stored answer, its {@link
 * jarrah.accelerator.store.Content} the body. While a body arrives it is a {@link jarrah.accelerator.store.Draft}, which
 * any number of requests read as it grows.
 */
@NullMarked
package jarrah.accelerator.store;

import org.jspecify.annotations.NullMarked;
