package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/** The security groups of accounts. */
public final class SecurityGroups {
    /** The most rules of one direction, AWS's default quota. */
    private static final int MAX_RULES = 60;

    private static final int MAX_GROUPS = 2_500;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9 ._\\-:/()#,@\\[\\]+=&;{}!$*]{1,255}");

    private final Kv kv;
    private final Table<SecurityGroup> table;
    private final Networks networks;
    private final Tags tags;
    private final BiPredicate<Kv.Tx, String> used;
    private final Runnable changed;

    /**
     * @param used whether instances are in the group of that id
     * @param changed called after rules or members changed
     */
    SecurityGroups(
            Kv kv,
            Table<SecurityGroup> table,
            Networks networks,
            Tags tags,
            BiPredicate<Kv.Tx, String> used,
            Runnable changed) {
        this.kv = kv;
        this.table = table;
        this.networks = networks;
        this.tags = tags;
        this.used = used;
        this.changed = changed;
    }

    /** The rule that a new group has outwards: everything. */
    static SecurityGroup.Rule everywhere() {
        return new SecurityGroup.Rule(
                Ids.fresh("sgr"), "-1", -1, -1, Optional.of("0.0.0.0/0"), Optional.empty(), Optional.empty());
    }

    /** All groups of the account, the default group among them. */
    public List<SecurityGroup> list(String accountId) {
        networks.of(accountId);
        return table.all(kv, accountId);
    }

    /** The group of an id, or EC2's error. */
    public SecurityGroup byId(String accountId, String id) {
        Ids.require(id, "sg", Ec2Error.GROUP_ID_MALFORMED, "a security group");
        return list(accountId).stream()
                .filter(group -> group.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Ec2Error.GROUP_NOT_FOUND.because("The security group '" + id + "' does not exist"));
    }

    /** The group of a name, or EC2's error. */
    public SecurityGroup byName(String accountId, String name) {
        return list(accountId).stream()
                .filter(group -> group.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Ec2Error.GROUP_NOT_FOUND.because(
                        "The security group '" + name + "' does not exist in default VPC"));
    }

    /** Makes a group; it lets everything out and nothing in. */
    public SecurityGroup create(
            String accountId,
            String name,
            String description,
            Optional<String> vpcId,
            Map<String, String> initialTags) {
        check(name, description);
        Network network = networks.of(accountId);
        if (vpcId.isPresent() && !vpcId.get().equals(network.vpcId())) {
            throw Ec2Error.VPC_NOT_FOUND.because("The vpc ID '" + vpcId.get() + "' does not exist");
        }
        var group = new SecurityGroup(
                Ids.fresh("sg"), accountId, network.vpcId(), name, description, List.of(), List.of(everywhere()));
        return kv.transact(tx -> {
            List<SecurityGroup> all = table.all(tx, accountId);
            if (all.stream().anyMatch(other -> other.name().equals(name))) {
                throw Ec2Error.GROUP_DUPLICATE.because(
                        "The security group '" + name + "' already exists for VPC '" + network.vpcId() + "'");
            }
            if (all.size() >= MAX_GROUPS) {
                throw Ec2Error.GROUPS_LIMIT.because("The maximum number of security groups is " + MAX_GROUPS + ".");
            }
            table.put(tx, group, accountId, group.id());
            tags.add(tx, accountId, group.id(), initialTags);
            return group;
        });
    }

    private static void check(String name, String description) {
        if (name.equals("default")) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Cannot use reserved security group name: default");
        }
        if (!NAME.matcher(name).matches() || name.startsWith("sg-")) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Value (" + name
                    + ") for parameter GroupName is invalid. Character sets beyond ASCII are not supported.");
        }
        if (!NAME.matcher(description).matches()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Value (" + description
                    + ") for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.");
        }
    }

    /** Removes a group that nothing uses. */
    public void delete(String accountId, String id) {
        SecurityGroup group = byId(accountId, id);
        if (group.name().equals("default")) {
            throw Ec2Error.CANNOT_DELETE.because(
                    "the specified group: \"" + id + "\" name: \"default\" cannot be deleted by a user");
        }
        kv.transact(tx -> {
            boolean named = table.all(tx, accountId).stream()
                    .filter(other -> !other.id().equals(id))
                    .anyMatch(other -> mentions(other.ingress(), id) || mentions(other.egress(), id));
            if (named || used.test(tx, id)) {
                throw Ec2Error.GROUP_IN_USE.because("resource " + id + " has a dependent object");
            }
            table.delete(tx, accountId, id);
            tags.forget(tx, accountId, id);
            return null;
        });
        changed.run();
    }

    private static boolean mentions(List<SecurityGroup.Rule> rules, String id) {
        return rules.stream().anyMatch(rule -> rule.groupId().filter(id::equals).isPresent());
    }

    /** Adds rules, all or none; each gets an id. Returns them. */
    public List<SecurityGroup.Rule> authorize(
            String accountId, String id, boolean egress, List<SecurityGroup.Rule> rules) {
        byId(accountId, id);
        rules.forEach(rule -> rule.groupId().ifPresent(peer -> byId(accountId, peer)));
        List<SecurityGroup.Rule> added = kv.transact(tx -> {
            SecurityGroup group = there(tx, accountId, id);
            var all = new ArrayList<>(group.rules(egress));
            for (SecurityGroup.Rule rule : rules) {
                if (all.stream().anyMatch(rule::sameAs)) {
                    throw Ec2Error.PERMISSION_DUPLICATE.because(
                            "the specified rule \"" + text(rule) + "\" already exists");
                }
                all.add(rule);
            }
            if (all.size() > MAX_RULES) {
                throw Ec2Error.RULES_LIMIT.because(
                        "The maximum number of rules per security group is " + MAX_RULES + ".");
            }
            table.put(tx, group.with(egress, all), accountId, id);
            return rules;
        });
        changed.run();
        return added;
    }

    /** Removes rules, all or none. */
    public void revoke(String accountId, String id, boolean egress, List<SecurityGroup.Rule> rules) {
        byId(accountId, id);
        kv.transact(tx -> {
            SecurityGroup group = there(tx, accountId, id);
            var left = new ArrayList<>(group.rules(egress));
            for (SecurityGroup.Rule rule : rules) {
                if (!left.removeIf(rule::sameAs)) {
                    throw Ec2Error.PERMISSION_NOT_FOUND.because(
                            "The specified rule does not exist in this security group: " + text(rule));
                }
            }
            table.put(tx, group.with(egress, left), accountId, id);
            return null;
        });
        changed.run();
    }

    /** The rules of those ids, or EC2's error. */
    public List<SecurityGroup.Rule> rulesOf(String accountId, String id, boolean egress, List<String> ruleIds) {
        List<SecurityGroup.Rule> rules = byId(accountId, id).rules(egress);
        return ruleIds.stream()
                .map(ruleId -> rules.stream()
                        .filter(rule -> rule.id().equals(ruleId))
                        .findFirst()
                        .orElseThrow(() -> Ec2Error.PERMISSION_NOT_FOUND.because(
                                "The security group rule ID '" + ruleId + "' does not exist")))
                .toList();
    }

    /** The group of an id within a transaction, or EC2's error. */
    SecurityGroup there(Kv.Tx tx, String accountId, String id) {
        SecurityGroup group = table.get(tx, accountId, id);
        if (group == null) {
            throw Ec2Error.GROUP_NOT_FOUND.because("The security group '" + id + "' does not exist");
        }
        return group;
    }

    private static String text(SecurityGroup.Rule rule) {
        return "peer: " + rule.cidr().or(rule::groupId).orElse("") + ", " + rule.protocol() + ", from port: "
                + rule.from() + ", to port: " + rule.to() + ", ALLOW";
    }
}
