/**
 * Credentials that access rules know: bearer tokens, passwords, signed URLs. Each is judged by a class without HTTP in it;
 * {@link jarrah.accelerator.access.CredentialFile} keeps those of a file as new as the file.
 */
@NullMarked
package jarrah.accelerator.access;

import org.jspecify.annotations.NullMarked;
