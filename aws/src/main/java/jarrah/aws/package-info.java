/**
 * The AWS wire, without any service: signatures, the chunked body coding, the Query, REST-XML and REST-JSON envelopes,
 * errors, ARNs, times and tokens.
 *
 * <p>Start with {@link jarrah.aws.SignatureVerifier}: it tells who sent a request ({@link jarrah.aws.Authentication}),
 * and {@link jarrah.aws.SignedBody} then reads the body while it checks what was signed. A service throws
 * {@link jarrah.aws.AwsException}s; its endpoint renders them with {@link jarrah.aws.QueryXml},
 * {@link jarrah.aws.RestXml} or {@link jarrah.aws.RestJson}.
 *
 * <p>Sources: "Signing AWS API requests" and "Authenticating Requests (AWS Signature Version 4)" of Amazon's
 * documentation; the shapes of botocore's service models.
 */
@NullMarked
package jarrah.aws;

import org.jspecify.annotations.NullMarked;
