package jarrah.ec2.compute;

/** EC2's error codes with their HTTP status ("Error codes for the Amazon EC2 API"); the one place where they are written. */
public enum Ec2Error {
    DRY_RUN("DryRunOperation", 412),
    UNAUTHORIZED("UnauthorizedOperation", 403),
    MISSING_PARAMETER("MissingParameter", 400),
    INVALID_PARAMETER("InvalidParameter", 400),
    INVALID_PARAMETER_VALUE("InvalidParameterValue", 400),
    INVALID_PARAMETER_COMBINATION("InvalidParameterCombination", 400),
    UNKNOWN_PARAMETER("UnknownParameter", 400),
    UNSUPPORTED_OPERATION("UnsupportedOperation", 400),
    UNSUPPORTED("Unsupported", 400),
    IDEMPOTENT_MISMATCH("IdempotentParameterMismatch", 400),
    INSUFFICIENT_CAPACITY("InsufficientInstanceCapacity", 500),
    INSUFFICIENT_ADDRESS("InsufficientFreeAddressesInSubnet", 400),
    INSTANCE_LIMIT("InstanceLimitExceeded", 400),
    INTERNAL("InternalError", 500),
    UNAVAILABLE("Unavailable", 503),
    AMI_NOT_FOUND("InvalidAMIID.NotFound", 400),
    AMI_MALFORMED("InvalidAMIID.Malformed", 400),
    AMI_UNAVAILABLE("InvalidAMIID.Unavailable", 400),
    AMI_NAME_DUPLICATE("InvalidAMIName.Duplicate", 400),
    AMI_NAME_MALFORMED("InvalidAMIName.Malformed", 400),
    AKI_NOT_FOUND("InvalidKernelId.NotFound", 400),
    ARI_NOT_FOUND("InvalidRamdiskId.NotFound", 400),
    MANIFEST("InvalidManifest", 400),
    INSTANCE_NOT_FOUND("InvalidInstanceID.NotFound", 400),
    INSTANCE_MALFORMED("InvalidInstanceID.Malformed", 400),
    INCORRECT_INSTANCE_STATE("IncorrectInstanceState", 400),
    OPERATION_NOT_PERMITTED("OperationNotPermitted", 400),
    KEY_NOT_FOUND("InvalidKeyPair.NotFound", 400),
    KEY_DUPLICATE("InvalidKeyPair.Duplicate", 400),
    KEY_FORMAT("InvalidKey.Format", 400),
    GROUP_NOT_FOUND("InvalidGroup.NotFound", 400),
    GROUP_ID_MALFORMED("InvalidGroupId.Malformed", 400),
    GROUP_DUPLICATE("InvalidGroup.Duplicate", 400),
    GROUP_IN_USE("DependencyViolation", 400),
    CANNOT_DELETE("CannotDelete", 400),
    PERMISSION_NOT_FOUND("InvalidPermission.NotFound", 400),
    PERMISSION_DUPLICATE("InvalidPermission.Duplicate", 400),
    PERMISSION_MALFORMED("InvalidPermission.Malformed", 400),
    GROUPS_LIMIT("SecurityGroupLimitExceeded", 400),
    RULES_LIMIT("RulesPerSecurityGroupLimitExceeded", 400),
    ZONE_NOT_FOUND("InvalidParameterValue", 400),
    SUBNET_NOT_FOUND("InvalidSubnetID.NotFound", 400),
    VPC_NOT_FOUND("InvalidVpcID.NotFound", 400),
    NIC_NOT_FOUND("InvalidNetworkInterfaceID.NotFound", 400),
    SNAPSHOT_NOT_FOUND("InvalidSnapshot.NotFound", 400),
    SNAPSHOT_MALFORMED("InvalidSnapshotID.Malformed", 400),
    SNAPSHOT_IN_USE("InvalidSnapshot.InUse", 400),
    VOLUME_NOT_FOUND("InvalidVolume.NotFound", 400),
    VOLUME_IN_USE("VolumeInUse", 400),
    VOLUME_MALFORMED("InvalidVolumeID.Malformed", 400),
    BLOCK_DEVICE("InvalidBlockDeviceMapping", 400),
    USER_DATA("InvalidUserData.Malformed", 400),
    ID_NOT_FOUND("InvalidID", 400),
    TAG_LIMIT("TagLimitExceeded", 400),
    NEXT_TOKEN("InvalidNextToken", 400),
    ADDRESS_IN_USE("InvalidIPAddress.InUse", 400);

    private final String code;
    private final int status;

    Ec2Error(String code, int status) {
        this.code = code;
        this.status = status;
    }

    String code() {
        return code;
    }

    int status() {
        return status;
    }

    /** An exception that is answered with this code. */
    public Ec2Exception because(String message) {
        return new Ec2Exception(code, status, message);
    }
}
