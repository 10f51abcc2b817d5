/**
 * Configuration from YAML: {@link jarrah.accelerator.config.ConfigNode} reads a file strictly, whoever's it is;
 * {@link jarrah.accelerator.config.AcceleratorConfig} is the accelerator's own part of it.
 *
 * <p>A setting that is not known, is written twice or has the wrong type is an error with file, line and column; nothing
 * is accepted and ignored.
 */
@NullMarked
package jarrah.accelerator.config;

import org.jspecify.annotations.NullMarked;
