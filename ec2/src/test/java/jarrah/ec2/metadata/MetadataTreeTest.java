package jarrah.ec2.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MetadataTreeTest {
    private final MetadataTree full = MetadataTree.of(Instances.full("i-1", "10.0.0.5", false));
    private final MetadataTree bare = MetadataTree.of(Instances.bare("i-2", "10.0.0.6"));

    @ParameterizedTest
    @CsvSource(textBlock = """
                    ami-id, ami-0123456789abcdef0
                    ami-launch-index, 0
                    ami-manifest-path, bucket/image.manifest.xml
                    block-device-mapping/ephemeral0, /dev/sdb
                    hostname, ip-10-0-0-5.us-east-1.compute.internal
                    instance-action, none
                    instance-id, i-1
                    instance-life-cycle, on-demand
                    instance-type, t3.micro
                    kernel-id, aki-1
                    local-hostname, ip-10-0-0-5.us-east-1.compute.internal
                    local-ipv4, 10.0.0.5
                    mac, 02:00:00:00:00:10
                    network/interfaces/macs, 02:00:00:00:00:10/
                    network/interfaces/macs/02:00:00:00:00:10/device-number, 0
                    network/interfaces/macs/02:00:00:00:00:10/interface-id, eni-1
                    network/interfaces/macs/02:00:00:00:00:10/ipv4-associations/198.18.7.10, 10.0.0.5
                    network/interfaces/macs/02:00:00:00:00:10/owner-id, 000000000042
                    network/interfaces/macs/02:00:00:00:00:10/public-ipv4s, 198.18.7.10
                    network/interfaces/macs/02:00:00:00:00:10/security-group-ids, 'sg-1\nsg-2'
                    network/interfaces/macs/02:00:00:00:00:10/subnet-ipv4-cidr-block, 10.0.0.0/24
                    network/interfaces/macs/02:00:00:00:00:10/vpc-id, vpc-1
                    network/interfaces/macs/02:00:00:00:00:10/vpc-ipv4-cidr-blocks, 10.0.0.0/16
                    placement, 'availability-zone\nregion'
                    placement/region, us-east-1
                    public-ipv4, 198.18.7.10
                    public-keys, '0=laptop\n1=desk'
                    public-keys/0, openssh-key
                    public-keys/1/openssh-key, ssh-rsa AAAAB3Nza desk
                    reservation-id, r-0123456789abcdef0
                    security-groups, 'default\nweb'
                    tags/instance, 'Name\na space'
                    tags/instance/Name, blue
                    iam, 'info\nsecurity-credentials/'
                    iam/security-credentials, app-role
                    """)
    void saysWhatAnInstanceIs(String path, String value) {
        assertThat(full.read("meta-data/" + path)).contains(value.replace("\\n", "\n"));
    }

    @Test
    void aListingMarksDirectoriesBySlashesAndLeavesOutWhatIsNotThere() {
        assertThat(bare.read("meta-data").orElseThrow().lines())
                .containsExactly(
                        "ami-id",
                        "ami-launch-index",
                        "ami-manifest-path",
                        "block-device-mapping/",
                        "hostname",
                        "instance-action",
                        "instance-id",
                        "instance-life-cycle",
                        "instance-type",
                        "local-hostname",
                        "local-ipv4",
                        "mac",
                        "network/",
                        "placement/",
                        "profile",
                        "reservation-id",
                        "security-groups",
                        "services/");
    }

    /** cloud-init crawls every name that it sees, and gives up on the source where one of them is not there. */
    @Test
    void everyNameOfAListingCanBeRead() {
        crawl("meta-data");
        crawl("dynamic");
    }

    private void crawl(String directory) {
        for (String name : full.read(directory).orElseThrow().split("\n")) {
            if (directory.endsWith("public-keys")) {
                assertThat(full.read(directory + "/" + name.substring(0, name.indexOf('='))))
                        .contains("openssh-key");
            } else if (name.endsWith("/")) {
                crawl(directory + "/" + name.substring(0, name.length() - 1));
            } else {
                assertThat(full.read(directory + "/" + name)).isPresent();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "meta-data/iam",
                "meta-data/public-keys",
                "meta-data/public-ipv4",
                "meta-data/kernel-id",
                "meta-data/tags",
                "meta-data/nothing",
                "meta-data/instance-i",
                "dynamic/instance-identity/pkcs7",
                "nothing"
            })
    void hasNothingElse(String path) {
        assertThat(bare.read(path)).isEmpty();
    }

    @Test
    void theIdentityDocumentIsJsonWithNullsForWhatIsMissing() {
        assertThat(bare.read("dynamic/instance-identity/document").orElseThrow())
                .contains(
                        "\"instanceId\" : \"i-2\"", "\"kernelId\" : null", "\"pendingTime\" : \"2026-11-01T10:00:00Z\"")
                .contains("\"version\" : \"2017-09-30\"", "\"architecture\" : \"x86_64\"");
    }

    @Test
    void theRolesCredentialsHaveTheFieldsThatSdksRead() {
        assertThat(full.read("meta-data/iam/security-credentials/app-role").orElseThrow())
                .contains("\"Code\" : \"Success\"", "\"AccessKeyId\" : \"ASIA1\"", "\"SecretAccessKey\" : \"secret\"")
                .contains("\"Token\" : \"session\"", "\"Expiration\" : \"2026-11-01T16:00:00Z\"");
        assertThat(full.read("meta-data/iam/info").orElseThrow())
                .contains("\"InstanceProfileArn\" : \"arn:aws:iam::000000000042:instance-profile/app\"");
    }
}
