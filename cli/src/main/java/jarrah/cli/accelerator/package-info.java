/**
 * The live tools of the accelerator: {@code jarrah accelerator log|stat|top|hist|purge|ban|reload|check}. They speak to
 * a running one over its admin API. Begin at {@link jarrah.cli.accelerator.AcceleratorCommands}.
 */
@NullMarked
package jarrah.cli.accelerator;

import org.jspecify.annotations.NullMarked;
