package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.OTHER;
import static jarrah.ec2.compute.ComputeFixture.request;
import static jarrah.ec2.compute.LaunchTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups and their rules. */
class SecurityGroupTest {
    @TempDir
    Path directory;

    private ComputeFixture cloud;
    private SecurityGroups groups;

    @BeforeEach
    void open() {
        cloud = new ComputeFixture(directory);
        groups = cloud.compute.groups();
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private SecurityGroup create(String name) {
        return groups.create(ACCOUNT, name, "for a test", Optional.empty(), Map.of());
    }

    private static SecurityGroup.Rule tcp(int port, String cidr) {
        return new SecurityGroup.Rule(
                Ids.fresh("sgr"), "tcp", port, port, Optional.of(cidr), Optional.empty(), Optional.of("why " + port));
    }

    private static SecurityGroup.Rule members(String groupId) {
        return new SecurityGroup.Rule(
                Ids.fresh("sgr"), "-1", -1, -1, Optional.empty(), Optional.of(groupId), Optional.empty());
    }

    @Test
    void everyAccountHasADefaultGroupWhoseMembersReachEachOther() {
        SecurityGroup group = groups.byName(ACCOUNT, "default");
        assertThat(group.ingress())
                .singleElement()
                .satisfies(rule -> assertThat(rule.groupId()).contains(group.id()));
        assertThat(group.egress())
                .singleElement()
                .satisfies(rule -> assertThat(rule.cidr()).contains("0.0.0.0/0"));
        assertThat(groups.byName(OTHER, "default").id()).isNotEqualTo(group.id());
        refused("InvalidGroup.NotFound", () -> groups.byId(OTHER, group.id()));
        refused("CannotDelete", () -> groups.delete(ACCOUNT, group.id()));
    }

    @Test
    void aNewGroupLetsEverythingOutAndNothingIn() {
        SecurityGroup group = create("web");
        assertThat(group.ingress()).isEmpty();
        assertThat(group.egress()).hasSize(1);
        refused("InvalidGroup.Duplicate", () -> create("web"));
        refused("InvalidParameterValue", () -> create("default"));
        refused("InvalidParameterValue", () -> create("sg-web"));
        refused("InvalidParameterValue", () -> create("naïve"));
        refused(
                "InvalidVpcID.NotFound",
                () -> groups.create(ACCOUNT, "other", "d", Optional.of("vpc-0123456789abcdef0"), Map.of()));
    }

    @Test
    void rulesComeAndGoAllOrNone() {
        String id = create("web").id();
        groups.authorize(ACCOUNT, id, false, List.of(tcp(22, "10.0.0.0/8"), tcp(80, "0.0.0.0/0")));
        refused(
                "InvalidPermission.Duplicate",
                () -> groups.authorize(ACCOUNT, id, false, List.of(tcp(443, "0.0.0.0/0"), tcp(22, "10.0.0.0/8"))));
        refused(
                "InvalidPermission.Duplicate",
                () -> groups.authorize(ACCOUNT, id, false, List.of(tcp(1, "0.0.0.0/0"), tcp(1, "0.0.0.0/0"))));
        refused(
                "InvalidPermission.NotFound",
                () -> groups.revoke(ACCOUNT, id, false, List.of(tcp(22, "10.0.0.0/8"), tcp(23, "10.0.0.0/8"))));
        assertThat(groups.byId(ACCOUNT, id).ingress()).hasSize(2);
        groups.revoke(ACCOUNT, id, false, List.of(tcp(22, "10.0.0.0/8")));
        assertThat(groups.byId(ACCOUNT, id).ingress()).singleElement().satisfies(rule -> {
            assertThat(rule.from()).isEqualTo(80);
            assertThat(rule.description()).contains("why 80");
        });
        refused(
                "InvalidGroup.NotFound",
                () -> groups.authorize(ACCOUNT, id, false, List.of(members("sg-0123456789abcdef0"))));
    }

    @Test
    void aDirectionHasSixtyRulesAtMost() {
        String id = create("web").id();
        groups.authorize(
                ACCOUNT,
                id,
                false,
                IntStream.rangeClosed(1, 60)
                        .mapToObj(port -> tcp(port, "0.0.0.0/0"))
                        .toList());
        refused(
                "RulesPerSecurityGroupLimitExceeded",
                () -> groups.authorize(ACCOUNT, id, false, List.of(tcp(61, "0.0.0.0/0"))));
        groups.authorize(ACCOUNT, id, true, List.of(tcp(61, "0.0.0.0/0")));
        assertThat(groups.byId(ACCOUNT, id).ingress()).hasSize(60);
    }

    @Test
    void aGroupThatIsUsedIsNotDeleted() {
        String web = create("web").id();
        String database = create("database").id();
        groups.authorize(ACCOUNT, database, false, List.of(members(web)));
        refused("DependencyViolation", () -> groups.delete(ACCOUNT, web));
        groups.revoke(ACCOUNT, database, false, List.of(members(web)));

        String instance =
                cloud.running(request(cloud.image("ebs", "machine", true).id()));
        cloud.compute.instances().regroup(ACCOUNT, instance, List.of(web));
        refused("DependencyViolation", () -> groups.delete(ACCOUNT, web));
        cloud.compute.instances().terminate(ACCOUNT, List.of(instance));
        cloud.await(instance, Instance.State.TERMINATED);
        groups.delete(ACCOUNT, web);
        refused("InvalidGroup.NotFound", () -> groups.byId(ACCOUNT, web));
    }

    @Test
    void aChangedRuleIsInTheNetworkWhenTheCallReturns() {
        cloud.running(request(cloud.image("ebs", "machine", true).id()));
        String id = groups.byName(ACCOUNT, "default").id();
        assertThat(cloud.fabric.ingress(id)).hasSize(1);
        groups.authorize(ACCOUNT, id, false, List.of(tcp(22, "0.0.0.0/0")));
        assertThat(cloud.fabric.ingress(id)).hasSize(2);
        groups.revoke(ACCOUNT, id, false, List.of(tcp(22, "0.0.0.0/0")));
        assertThat(cloud.fabric.ingress(id)).hasSize(1);
    }
}
