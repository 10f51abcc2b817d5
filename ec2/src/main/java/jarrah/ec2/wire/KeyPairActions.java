package jarrah.ec2.wire;

import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.KeyPair;
import jarrah.ec2.compute.KeyPairs;
import java.util.List;
import java.util.Map;

/** Key pairs. */
final class KeyPairActions {
    private final Compute compute;
    private final KeyPairs keyPairs;
    private final Filters<KeyPair> filters;

    KeyPairActions(Compute compute) {
        this.compute = compute;
        keyPairs = compute.keyPairs();
        filters = new Filters<KeyPair>(pair -> compute.tags().of(pair.accountId(), pair.id()))
                .by("key-name", KeyPair::name)
                .by("key-pair-id", KeyPair::id)
                .by("fingerprint", KeyPair::fingerprint);
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("CreateKeyPair", this::create);
        actions.put("ImportKeyPair", this::importKey);
        actions.put("DescribeKeyPairs", this::describe);
        actions.put("DeleteKeyPair", this::delete);
    }

    private byte[] create(Ec2Call call) {
        String name = call.text("KeyName");
        Map<String, String> tags = call.tags("key-pair");
        keyPairs.requireFree(call.accountId(), name);
        if (!call.optional("KeyFormat").orElse("pem").equals("pem")) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("Private keys are given in the format pem only.");
        }
        call.endOfDryRun();
        KeyPairs.Created created =
                keyPairs.create(call.accountId(), name, call.optional("KeyType").orElse("rsa"), tags);
        return call.answer(xml -> {
            xml.text("keyName", name)
                    .text("keyFingerprint", created.pair().fingerprint())
                    .text("keyMaterial", created.privateKeyPem())
                    .text("keyPairId", created.pair().id());
            Ec2Call.tagSet(xml, tags);
        });
    }

    private byte[] importKey(Ec2Call call) {
        String name = call.text("KeyName");
        Map<String, String> tags = call.tags("key-pair");
        byte[] material = call.bytes("PublicKeyMaterial", Ec2Error.KEY_FORMAT)
                .orElseThrow(() ->
                        Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter PublicKeyMaterial"));
        keyPairs.requireFree(call.accountId(), name);
        call.endOfDryRun();
        KeyPair pair = keyPairs.importKey(call.accountId(), name, material, tags);
        return call.answer(xml -> {
            xml.text("keyName", name).text("keyFingerprint", pair.fingerprint()).text("keyPairId", pair.id());
            Ec2Call.tagSet(xml, tags);
        });
    }

    private byte[] describe(Ec2Call call) {
        List<String> names = call.list("KeyName");
        List<String> ids = call.list("KeyPairId");
        List<KeyPair> all = keyPairs.list(call.accountId());
        for (String name : names) {
            if (all.stream().noneMatch(pair -> pair.name().equals(name))) {
                throw Ec2Error.KEY_NOT_FOUND.because("The key pair '" + name + "' does not exist");
            }
        }
        for (String id : ids) {
            if (all.stream().noneMatch(pair -> pair.id().equals(id))) {
                throw Ec2Error.KEY_NOT_FOUND.because("The key pair '" + id + "' does not exist");
            }
        }
        call.endOfDryRun();
        boolean withKey = call.flag("IncludePublicKey").orElse(false);
        List<KeyPair> shown = filters.apply(call, all).stream()
                .filter(pair -> names.isEmpty() || names.contains(pair.name()))
                .filter(pair -> ids.isEmpty() || ids.contains(pair.id()))
                .toList();
        return call.answer(xml -> Ec2Call.items(xml, "keySet", shown, pair -> {
            xml.text("keyPairId", pair.id())
                    .text("keyName", pair.name())
                    .text("keyFingerprint", pair.fingerprint())
                    .text("keyType", pair.type())
                    .text("createTime", Ec2Call.time(pair.created()));
            if (withKey) {
                xml.text("publicKey", pair.publicKey());
            }
            Ec2Call.tagSet(xml, compute.tags().of(pair.accountId(), pair.id()));
        }));
    }

    private byte[] delete(Ec2Call call) {
        String name = call.optional("KeyName")
                .or(() -> call.optional("KeyPairId")
                        .flatMap(id -> keyPairs.list(call.accountId()).stream()
                                .filter(pair -> pair.id().equals(id))
                                .map(KeyPair::name)
                                .findFirst()))
                .orElseGet(() -> {
                    if (call.optional("KeyPairId").isEmpty()) {
                        call.text("KeyName");
                    }
                    return "";
                });
        call.endOfDryRun();
        String id = keyPairs.delete(call.accountId(), name);
        return call.answer(xml -> {
            xml.text("return", true);
            if (id != null) {
                xml.text("keyPairId", id);
            }
        });
    }
}
