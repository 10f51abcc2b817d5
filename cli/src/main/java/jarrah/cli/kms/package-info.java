/** {@code jarrah kms}: the keys of the key service, for people. Start with {@link jarrah.cli.kms.KmsCommand}. */
@NullMarked
package jarrah.cli.kms;

import org.jspecify.annotations.NullMarked;
