/**
 * The house put together: configuration, the data directory, the composition root, start and stop, the operations port
 * and the packaging into one jar.
 *
 * <p>Start with {@link jarrah.server.Cloud}: all objects are made there, in order, on a page. {@link jarrah.server.Up} is
 * the command that runs it; {@link jarrah.server.CloudConfig} is what can be set.
 */
@NullMarked
package jarrah.server;

import org.jspecify.annotations.NullMarked;
