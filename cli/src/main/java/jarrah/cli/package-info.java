/**
 * The {@code jarrah} command for people: a client of a running server, never a server itself. One class per command;
 * {@link jarrah.cli.Jarrah} lists them. Commands that AWS has no API for speak to the server's admin socket
 * ({@link jarrah.cli.AdminClient}).
 */
@NullMarked
package jarrah.cli;

import org.jspecify.annotations.NullMarked;
