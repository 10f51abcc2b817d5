/** What tests of several rooms need: a clock that is moved by hand, a scripted origin, a scripted client. */
@NullMarked
package jarrah.testkit;

import org.jspecify.annotations.NullMarked;
