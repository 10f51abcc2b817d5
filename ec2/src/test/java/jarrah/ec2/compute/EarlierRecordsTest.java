package jarrah.ec2.compute;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.MemoryKv;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Records that an earlier Jarrah wrote are read: what they do not say is empty or false. */
class EarlierRecordsTest {
    @Test
    void aCardOfBeforeDescriptionsHasNone() {
        String json = """
                {"nicId":"eni-1","attachmentId":"eni-attach-1","vpcId":"vpc-1","subnetId":"subnet-1","mac":"02:00:00:00:00:01",
                 "privateAddress":"172.31.0.5","publicAddress":null,"wantsPublic":true,"groupIds":["sg-1"]}""";
        byte[] record = ("\u0001" + json).getBytes(StandardCharsets.UTF_8);
        var kv = new MemoryKv();
        kv.transact(tx -> {
            tx.put("ec2/card/1".getBytes(StandardCharsets.UTF_8), record);
            return null;
        });
        Instance.Card card = new Table<>("card", Instance.Card.class).get(kv, "1");
        assertThat(card).isNotNull();
        assertThat(card.description()).isEmpty();
        assertThat(card.groupIds()).containsExactly("sg-1");
    }
}
