@NullMarked
package jarrah.cli.image;

import org.jspecify.annotations.NullMarked;
