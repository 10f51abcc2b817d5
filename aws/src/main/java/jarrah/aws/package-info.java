/** The AWS wire: signatures, aws-chunked, codecs, errors, ARNs. */
@NullMarked
package jarrah.aws;

import org.jspecify.annotations.NullMarked;
