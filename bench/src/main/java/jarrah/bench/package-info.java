/** Benchmarks and load drivers; never on the production path. */
@NullMarked
package jarrah.bench;

import org.jspecify.annotations.NullMarked;
