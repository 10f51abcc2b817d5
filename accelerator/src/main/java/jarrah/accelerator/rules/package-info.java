/**
 * The caching RFCs as pure functions: no I/O, no clock, no state; time comes in as a parameter, in milliseconds of the
 * epoch.
 *
 * <p>Read {@link jarrah.accelerator.rules.Freshness} and {@link jarrah.accelerator.rules.Storability} first: the one says
 * whether a stored response may be used, the other whether a response may be stored. {@link
 * jarrah.accelerator.rules.Conditional} and {@link jarrah.accelerator.rules.ByteRanges} answer from what is stored.
 */
@NullMarked
package jarrah.accelerator.rules;

import org.jspecify.annotations.NullMarked;
