/**
 * The live tools of the accelerator: {@code jarrah accelerator log|stat|top|hist|purge|ban|reload|check}. They speak to
 * a running one over the admin socket in its data directory. Begin at {@link jarrah.cli.accelerator.AcceleratorCommands}.
 */
@NullMarked
package jarrah.cli.accelerator;

import org.jspecify.annotations.NullMarked;
