package jarrah.ec2.wire;

import jarrah.aws.Authentication;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.QueryException;
import jarrah.aws.QueryRequest;
import jarrah.aws.RequestId;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.SecretBox;
import jarrah.iam.policy.Decision;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The actions of EC2 that are served; what is not here answers {@code UnsupportedOperation}. */
public final class Ec2Actions implements QueryEndpoint.Actions {
    /** The XML namespace of the newest version. */
    public static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

    private final Accounts accounts;
    private final Authorizer authorizer;
    private final Map<String, Action> actions = new TreeMap<>();

    /** Carries out one action: the parameters in, the document out. */
    @FunctionalInterface
    interface Action {
        byte[] call(Ec2Call call);
    }

    public Ec2Actions(Compute compute, Accounts accounts, Authorizer authorizer, SecretBox box) {
        this.accounts = accounts;
        this.authorizer = authorizer;
        var tokens = new Page.Tokens(box);
        new PlaceActions(compute, tokens).register(actions);
        new KeyPairActions(compute).register(actions);
        new SecurityGroupActions(compute, tokens).register(actions);
        new ImageActions(compute, tokens).register(actions);
        new InstanceActions(compute, tokens).register(actions);
        new InstanceAttributeActions(compute, tokens).register(actions);
        new VolumeActions(compute, tokens).register(actions);
        new TagActions(compute, tokens).register(actions);
        new NetworkActions(compute, tokens).register(actions);
    }

    /** The names of the actions that are served, for the compatibility page. */
    public Set<String> served() {
        return Set.copyOf(actions.keySet());
    }

    private void requireAllowed(Principal.User caller, QueryRequest request) {
        String name = "ec2:" + request.action();
        Decision decision = authorizer.decide(
                caller, name, "*", caller.accountId(), authorizer.context(caller, request.head()), null);
        if (decision != Decision.ALLOW) {
            throw Ec2Error.UNAUTHORIZED.because("You are not authorized to perform this operation. User: "
                    + caller.arn() + " is not authorized to perform: " + name + Authorizer.because(decision, name));
        }
    }

    @Override
    public byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        @Nullable Action action = actions.get(request.action());
        if (action == null) {
            throw new QueryEndpoint.UnknownAction();
        }
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new QueryException.AccessDenied("The caller's access key was deleted.");
        }
        requireAllowed(key.principal(), request);
        return action.call(new Ec2Call(request, "", key.principal(), requestId));
    }
}
