package jarrah.ec2.fabric;

import jarrah.ec2.metadata.InstanceLookup;
import jarrah.http.Handler;
import java.time.Clock;

/**
 * What guests are served with.
 *
 * @param api answers requests to this region's API, in process
 * @param instances what instances may read about themselves
 */
public record GuestServices(Handler api, InstanceLookup instances, Clock clock) {}
