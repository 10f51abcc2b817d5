/** The jarrah command for people; a client, never a server. */
@NullMarked
package jarrah.cli;

import org.jspecify.annotations.NullMarked;
