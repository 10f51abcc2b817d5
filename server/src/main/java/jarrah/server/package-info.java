/** Composition root, configuration, start and stop, operations port, packaging. */
@NullMarked
package jarrah.server;

import org.jspecify.annotations.NullMarked;
