/** The behaviour of the HTTP engine, seen from the wire. */
@NullMarked
package jarrah.http;

import org.jspecify.annotations.NullMarked;
