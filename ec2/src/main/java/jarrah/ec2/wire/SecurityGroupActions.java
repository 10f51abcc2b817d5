package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.IpBlocks;
import jarrah.ec2.compute.SecurityGroup;
import jarrah.ec2.compute.SecurityGroup.Rule;
import jarrah.ec2.compute.SecurityGroups;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Security groups and their rules. */
final class SecurityGroupActions {
    private final Compute compute;
    private final SecurityGroups groups;
    private final Page.Tokens tokens;
    private final Filters<SecurityGroup> filters;
    private final Filters<OfGroup> ruleFilters;

    /** A rule with its group and direction. */
    private record OfGroup(SecurityGroup group, boolean egress, Rule rule) {}

    SecurityGroupActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        groups = compute.groups();
        filters = new Filters<SecurityGroup>(group -> compute.tags().of(group.accountId(), group.id()))
                .by("group-id", SecurityGroup::id)
                .by("group-name", SecurityGroup::name)
                .by("description", SecurityGroup::description)
                .by("owner-id", SecurityGroup::accountId)
                .by("vpc-id", SecurityGroup::vpcId)
                .byAny("ip-permission.cidr", group -> cidrs(group.ingress()))
                .byAny("ip-permission.group-id", group -> peers(group.ingress()))
                .byAny(
                        "ip-permission.protocol",
                        group -> group.ingress().stream().map(Rule::protocol).toList())
                .byAny(
                        "ip-permission.from-port",
                        group -> group.ingress().stream()
                                .map(rule -> "" + rule.from())
                                .toList())
                .byAny(
                        "ip-permission.to-port",
                        group -> group.ingress().stream()
                                .map(rule -> "" + rule.to())
                                .toList())
                .byAny("egress.ip-permission.cidr", group -> cidrs(group.egress()));
        ruleFilters = new Filters<OfGroup>(_ -> Map.of())
                .by("group-id", of -> of.group().id())
                .by("security-group-rule-id", of -> of.rule().id());
    }

    private static List<String> cidrs(List<Rule> rules) {
        return rules.stream().flatMap(rule -> rule.cidr().stream()).toList();
    }

    private static List<String> peers(List<Rule> rules) {
        return rules.stream().flatMap(rule -> rule.groupId().stream()).toList();
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("CreateSecurityGroup", this::create);
        actions.put("DescribeSecurityGroups", this::describe);
        actions.put("DescribeSecurityGroupRules", this::describeRules);
        actions.put("DeleteSecurityGroup", this::delete);
        actions.put("AuthorizeSecurityGroupIngress", call -> authorize(call, false));
        actions.put("AuthorizeSecurityGroupEgress", call -> authorize(call, true));
        actions.put("RevokeSecurityGroupIngress", call -> revoke(call, false));
        actions.put("RevokeSecurityGroupEgress", call -> revoke(call, true));
    }

    private byte[] create(Ec2Call call) {
        String name = call.text("GroupName");
        String description = call.text("GroupDescription");
        Map<String, String> tags = call.tags("security-group");
        call.endOfDryRun();
        SecurityGroup group = groups.create(call.accountId(), name, description, call.optional("VpcId"), tags);
        return call.answer(xml -> {
            xml.text("return", true).text("groupId", group.id());
            Ec2Call.tagSet(xml, tags);
        });
    }

    private byte[] delete(Ec2Call call) {
        SecurityGroup group = named(call);
        call.endOfDryRun();
        groups.delete(call.accountId(), group.id());
        return call.answer(xml -> xml.text("return", true).text("groupId", group.id()));
    }

    /** The group of {@code GroupId} or {@code GroupName}. */
    private SecurityGroup named(Ec2Call call) {
        Optional<String> id = call.optional("GroupId");
        if (id.isPresent()) {
            return groups.byId(call.accountId(), id.get());
        }
        Optional<String> name = call.optional("GroupName");
        if (name.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter groupName or groupId");
        }
        return groups.byName(call.accountId(), name.get());
    }

    private byte[] describe(Ec2Call call) {
        List<String> ids = call.list("GroupId");
        List<String> names = call.list("GroupName");
        ids.forEach(id -> groups.byId(call.accountId(), id));
        names.forEach(name -> groups.byName(call.accountId(), name));
        call.endOfDryRun();
        List<SecurityGroup> fitting = filters.apply(call, groups.list(call.accountId())).stream()
                .filter(group ->
                        (ids.isEmpty() && names.isEmpty()) || ids.contains(group.id()) || names.contains(group.name()))
                .toList();
        boolean named = !ids.isEmpty() || !names.isEmpty();
        var page = Page.of(call, tokens, fitting, SecurityGroup::id, named);
        return call.answer(xml -> {
            Ec2Call.items(xml, "securityGroupInfo", page.items(), group -> group(xml, group));
            page.writeNext(xml);
        });
    }

    private void group(XmlWriter xml, SecurityGroup group) {
        xml.text("ownerId", group.accountId())
                .text("groupId", group.id())
                .text("groupName", group.name())
                .text("groupDescription", group.description())
                .text("vpcId", group.vpcId());
        permissions(xml, "ipPermissions", group, group.ingress());
        permissions(xml, "ipPermissionsEgress", group, group.egress());
        Ec2Call.tagSet(xml, compute.tags().of(group.accountId(), group.id()));
    }

    private record Ports(String protocol, int from, int to) {}

    /** Rules of the same protocol and ports are one permission with several peers. */
    private static void permissions(XmlWriter xml, String name, SecurityGroup group, List<Rule> rules) {
        var byPorts = new LinkedHashMap<Ports, List<Rule>>();
        rules.forEach(rule -> byPorts.computeIfAbsent(
                        new Ports(rule.protocol(), rule.from(), rule.to()), _ -> new ArrayList<>())
                .add(rule));
        Ec2Call.items(xml, name, byPorts.entrySet(), entry -> {
            Ports ports = entry.getKey();
            xml.text("ipProtocol", ports.protocol());
            if (entry.getValue().getFirst().hasPorts()) {
                xml.text("fromPort", ports.from()).text("toPort", ports.to());
            }
            Ec2Call.items(xml, "groups", with(entry.getValue(), Rule::groupId), rule -> {
                xml.text("userId", group.accountId())
                        .text("groupId", rule.groupId().orElseThrow());
                Ec2Call.maybe(xml, "description", rule.description());
            });
            Ec2Call.items(xml, "ipRanges", with(entry.getValue(), Rule::cidr), rule -> {
                xml.text("cidrIp", rule.cidr().orElseThrow());
                Ec2Call.maybe(xml, "description", rule.description());
            });
            xml.start("ipv6Ranges").end().start("prefixListIds").end();
        });
    }

    private static List<Rule> with(List<Rule> rules, java.util.function.Function<Rule, Optional<String>> attribute) {
        return rules.stream().filter(rule -> attribute.apply(rule).isPresent()).toList();
    }

    private byte[] describeRules(Ec2Call call) {
        List<String> ids = call.list("SecurityGroupRuleId");
        List<OfGroup> all = groups.list(call.accountId()).stream()
                .flatMap(group -> Stream.concat(
                        group.ingress().stream().map(rule -> new OfGroup(group, false, rule)),
                        group.egress().stream().map(rule -> new OfGroup(group, true, rule))))
                .toList();
        for (String id : ids) {
            if (all.stream().noneMatch(of -> of.rule().id().equals(id))) {
                throw Ec2Error.PERMISSION_NOT_FOUND.because("The security group rule ID '" + id + "' does not exist");
            }
        }
        call.endOfDryRun();
        List<OfGroup> fitting = ruleFilters.apply(call, all).stream()
                .filter(of -> ids.isEmpty() || ids.contains(of.rule().id()))
                .toList();
        var page = Page.of(call, tokens, fitting, of -> of.rule().id(), !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "securityGroupRuleSet", page.items(), of -> rule(xml, of));
            page.writeNext(xml);
        });
    }

    private static void rule(XmlWriter xml, OfGroup of) {
        Rule rule = of.rule();
        xml.text("securityGroupRuleId", rule.id())
                .text("groupId", of.group().id())
                .text("groupOwnerId", of.group().accountId())
                .text("isEgress", of.egress())
                .text("ipProtocol", rule.protocol())
                .text("fromPort", rule.from())
                .text("toPort", rule.to());
        Ec2Call.maybe(xml, "cidrIpv4", rule.cidr());
        rule.groupId()
                .ifPresent(id -> xml.start("referencedGroupInfo")
                        .text("groupId", id)
                        .text("userId", of.group().accountId())
                        .end());
        Ec2Call.maybe(xml, "description", rule.description());
    }

    private byte[] authorize(Ec2Call call, boolean egress) {
        SecurityGroup group = named(call);
        List<Rule> rules = rules(call);
        if (rules.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because(
                    "The request must contain the parameter ipPermissions, with at least one range or group");
        }
        call.endOfDryRun();
        List<Rule> added = groups.authorize(call.accountId(), group.id(), egress, rules);
        return call.answer(xml -> {
            xml.text("return", true);
            Ec2Call.items(xml, "securityGroupRuleSet", added, rule -> rule(xml, new OfGroup(group, egress, rule)));
        });
    }

    private byte[] revoke(Ec2Call call, boolean egress) {
        SecurityGroup group = named(call);
        List<String> ids = call.list("SecurityGroupRuleId");
        List<Rule> rules = ids.isEmpty() ? rules(call) : groups.rulesOf(call.accountId(), group.id(), egress, ids);
        if (rules.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because(
                    "The request must contain the parameter ipPermissions or securityGroupRuleIds");
        }
        call.endOfDryRun();
        groups.revoke(call.accountId(), group.id(), egress, rules);
        return call.done();
    }

    /** Rules as {@code IpPermissions} gives them, or as older clients do, by parameters of the request itself. */
    private List<Rule> rules(Ec2Call call) {
        var rules = new ArrayList<Rule>();
        for (Ec2Call permission : call.structures("IpPermissions")) {
            rules.addAll(permission(permission, permission.text("IpProtocol")));
        }
        Optional<String> flat = call.optional("IpProtocol");
        if (flat.isPresent() && call.optional("CidrIp").isPresent()) {
            rules.add(
                    rule(call, flat.get(), Optional.of(cidr(call.text("CidrIp"))), Optional.empty(), Optional.empty()));
        }
        call.optional("SourceSecurityGroupName").ifPresent(name -> {
            String peer = groups.byName(call.accountId(), name).id();
            rules.add(rule(call, flat.orElse("-1"), Optional.empty(), Optional.of(peer), Optional.empty()));
        });
        return rules;
    }

    private List<Rule> permission(Ec2Call permission, String protocol) {
        var rules = new ArrayList<Rule>();
        for (Ec2Call range : permission.structures("IpRanges")) {
            rules.add(rule(
                    permission,
                    protocol,
                    Optional.of(cidr(range.text("CidrIp"))),
                    Optional.empty(),
                    range.optional("Description")));
        }
        for (Ec2Call pair : permission.structures("Groups")) {
            String peer = pair.optional("GroupId")
                    .orElseGet(() -> groups.byName(permission.accountId(), pair.text("GroupName"))
                            .id());
            pair.optional("UserId")
                    .filter(owner -> !owner.equals(permission.accountId()))
                    .ifPresent(owner -> {
                        throw Ec2Error.GROUP_NOT_FOUND.because("The security group '" + peer + "' of the account "
                                + owner + " does not exist in this VPC");
                    });
            rules.add(rule(permission, protocol, Optional.empty(), Optional.of(peer), pair.optional("Description")));
        }
        if (!permission.structures("Ipv6Ranges").isEmpty()
                || !permission.structures("PrefixListIds").isEmpty()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("IPv6 ranges and prefix lists are not supported.");
        }
        return rules;
    }

    private static String cidr(String text) {
        return IpBlocks.canonical(text)
                .orElseThrow(() -> Ec2Error.INVALID_PARAMETER_VALUE.because("CIDR block " + text + " is malformed"));
    }

    private static Rule rule(
            Ec2Call ports,
            String protocolText,
            Optional<String> cidr,
            Optional<String> group,
            Optional<String> description) {
        String protocol = protocol(protocolText);
        int from = -1;
        int to = -1;
        if (protocol.equals("tcp") || protocol.equals("udp")) {
            from = port(ports, "FromPort");
            to = port(ports, "ToPort");
            if (from == -1 && to == -1) {
                from = 0;
                to = 65_535;
            }
            if (from < 0 || to > 65_535 || from > to) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Invalid value for portRange. Must specify both from and to"
                                + " ports, 0 to 65535, with from at most to: " + from + "-" + to);
            }
        } else if (protocol.equals("icmp")) {
            from = ports.integer("FromPort").orElse(-1);
            to = ports.integer("ToPort").orElse(-1);
            if (from < -1 || from > 255 || to < -1 || to > 255) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("ICMP type and code are -1 to 255: " + from + ", " + to);
            }
        }
        return new Rule(jarrah.ec2.compute.Ids.fresh("sgr"), protocol, from, to, cidr, group, description);
    }

    private static int port(Ec2Call ports, String name) {
        return ports.integer(name)
                .orElseThrow(() -> Ec2Error.MISSING_PARAMETER.because(
                        "The request must contain the parameter " + ports.prefix() + name));
    }

    private static String protocol(String text) {
        return switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "tcp", "6" -> "tcp";
            case "udp", "17" -> "udp";
            case "icmp", "1" -> "icmp";
            case "-1", "all" -> "-1";
            default -> {
                if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > 255) {
                    throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                            "Invalid value '" + text + "' for IP protocol. Unknown protocol.");
                }
                yield Integer.toString(Integer.parseInt(text));
            }
        };
    }
}
