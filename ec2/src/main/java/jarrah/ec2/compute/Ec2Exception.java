package jarrah.ec2.compute;

import jarrah.aws.AwsException;

/** What EC2 refuses, in AWS's words; made by {@link Ec2Error#because}. */
public final class Ec2Exception extends AwsException {
    Ec2Exception(String code, int status, String message) {
        super(code, status, message);
    }
}
