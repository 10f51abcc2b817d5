/**
 * Benchmarks and load drivers; never on the production path. {@link jarrah.bench.Bench} makes {@code docs/benchmarks.md}:
 * {@code ./jarrah bench}.
 */
@NullMarked
package jarrah.bench;

import org.jspecify.annotations.NullMarked;
