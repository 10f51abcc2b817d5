/**
 * An HTTP cache in front of buckets and plain HTTP origins.
 *
 * <p>{@link jarrah.accelerator.Accelerator} is the entry. A request is {@code Serve}, a fetch from an origin is {@code
 * Fetch}: two state machines with one method per step, drawn in docs/accelerator/states.md. What they decide by are pure
 * functions, in {@code rules}; where they look is {@code store}; whom they ask is {@code origin}; what is configured is
 * {@code site} and {@code config}; {@code acme} has an authority give the certificates of the TLS port.
 *
 * <p>Words: a <em>hit</em> is answered from the store, a <em>miss</em> after a fetch, a <em>pass</em> by the origin alone;
 * <em>grace</em> is the time past its freshness in which a copy is still served; <em>hit-for-miss</em> marks a URL whose
 * answers are not stored, so that its requests do not wait for each other.
 */
@NullMarked
package jarrah.accelerator;

import org.jspecify.annotations.NullMarked;
