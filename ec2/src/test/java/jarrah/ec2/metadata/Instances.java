package jarrah.ec2.metadata;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Instances for tests to read about. */
public final class Instances {
    private Instances() {}

    /** One with everything, by its id and private address. */
    public static InstanceMetadata full(String instanceId, String privateAddress, boolean tokensRequired) {
        var keys = new LinkedHashMap<String, String>();
        keys.put("laptop", "ssh-ed25519 AAAAC3Nza laptop");
        keys.put("desk", "ssh-rsa AAAAB3Nza desk");
        return new InstanceMetadata(
                "000000000042",
                instanceId,
                "r-0123456789abcdef0",
                "ami-0123456789abcdef0",
                "t3.micro",
                "x86_64",
                0,
                "bucket/image.manifest.xml",
                Optional.of("aki-1"),
                Optional.empty(),
                "us-east-1",
                "us-east-1a",
                "ip-10-0-0-5.us-east-1.compute.internal",
                privateAddress,
                Optional.of("ec2-198-18-7-10.compute.example"),
                Optional.of("198.18.7.10"),
                "02:00:00:00:00:10",
                "eni-1",
                "subnet-1",
                "10.0.0.0/24",
                "vpc-1",
                "10.0.0.0/16",
                List.of("default", "web"),
                List.of("sg-1", "sg-2"),
                keys,
                Map.of("ami", "/dev/sda1", "root", "/dev/sda1", "ephemeral0", "/dev/sdb"),
                Optional.of(new byte[] {0, (byte) 0xff, '\r', '\n', 'x'}),
                tokensRequired,
                1,
                Map.of("Name", "blue", "a space", "b", "a/slash", "c"),
                Instant.parse("2026-11-01T10:00:00Z"),
                Optional.of(new InstanceMetadata.Profile(
                        "arn:aws:iam::000000000042:instance-profile/app",
                        "AIPA1",
                        "app-role",
                        "ASIA1",
                        "secret",
                        "session",
                        Instant.parse("2026-11-01T10:00:00Z"),
                        Instant.parse("2026-11-01T16:00:00Z"))));
    }

    /** One with nothing that may be left out. */
    public static InstanceMetadata bare(String instanceId, String privateAddress) {
        return new InstanceMetadata(
                "000000000042",
                instanceId,
                "r-1",
                "ami-1",
                "t3.micro",
                "x86_64",
                0,
                "(unknown)",
                Optional.empty(),
                Optional.empty(),
                "us-east-1",
                "us-east-1a",
                "ip-10-0-0-6.us-east-1.compute.internal",
                privateAddress,
                Optional.empty(),
                Optional.empty(),
                "02:00:00:00:00:11",
                "eni-2",
                "subnet-1",
                "10.0.0.0/24",
                "vpc-1",
                "10.0.0.0/16",
                List.of("default"),
                List.of("sg-1"),
                Map.of(),
                Map.of("ami", "/dev/sda1"),
                Optional.empty(),
                false,
                1,
                Map.of(),
                Instant.parse("2026-11-01T10:00:00Z"),
                Optional.empty());
    }
}
