/**
 * The rules of compute, without HTTP or XML: what an account has, what may be asked of it, and how what is asked comes true.
 *
 * <p>Start with {@link jarrah.ec2.compute.Compute}. A request records the desired state in one transaction and is answered;
 * the {@link jarrah.ec2.compute.InstanceReconciler} makes it so at its own pace, and after a crash it reads the records
 * and goes on. Key spaces and values are those of {@link jarrah.ec2.compute.Table}.
 */
@NullMarked
package jarrah.ec2.compute;

import org.jspecify.annotations.NullMarked;
