@NullMarked
package jarrah.server;

import org.jspecify.annotations.NullMarked;
