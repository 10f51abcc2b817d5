package jarrah.ec2.metadata;

import java.util.Optional;

/** Finds the instance behind an address of a VPC. */
@FunctionalInterface
public interface InstanceLookup {
    /**
     * What the instance may read.
     *
     * @param vpcId the VPC whose fabric the request came through
     * @param address the caller's private IPv4 address
     */
    Optional<InstanceMetadata> find(String vpcId, String address);
}
