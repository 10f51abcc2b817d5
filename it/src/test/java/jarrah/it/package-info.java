/**
 * The whole system under real clients: each test starts the server as a user does, as a process of its own on free ports,
 * and speaks to it through the AWS SDK, the aws CLI, s3cmd, rclone and curl.
 */
@NullMarked
package jarrah.it;

import org.jspecify.annotations.NullMarked;
