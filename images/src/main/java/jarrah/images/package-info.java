/**
 * Images as files: encrypted bundles with their manifests, disk formats, and the tiny image. There is no server in it.
 */
@NullMarked
package jarrah.images;

import org.jspecify.annotations.NullMarked;
