package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Ids;
import jarrah.ec2.compute.Snapshot;
import jarrah.ec2.compute.Volume;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Volumes and snapshots, as far as instances make them. */
final class VolumeActions {
    private final Compute compute;
    private final Page.Tokens tokens;
    private final Filters<Volume> volumeFilters;
    private final Filters<Snapshot> snapshotFilters;

    VolumeActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        volumeFilters = new Filters<Volume>(volume -> compute.tags().of(volume.accountId(), volume.id()))
                .by("volume-id", Volume::id)
                .by("status", Volume::state)
                .by("availability-zone", Volume::zone)
                .by("volume-type", Volume::type)
                .by("size", volume -> Integer.toString(volume.sizeGibibytes()))
                .by("encrypted", _ -> "false")
                .byOptional("snapshot-id", Volume::snapshotId)
                .byOptional(
                        "attachment.instance-id", volume -> volume.attachment().map(Volume.Attachment::instanceId))
                .byOptional("attachment.device", volume -> volume.attachment().map(Volume.Attachment::device))
                .byOptional("attachment.status", volume -> volume.attachment().map(_ -> "attached"))
                .byOptional(
                        "attachment.delete-on-termination",
                        volume -> volume.attachment().map(to -> Boolean.toString(to.deleteOnTermination())));
        snapshotFilters = new Filters<Snapshot>(snapshot -> compute.tags().of(snapshot.accountId(), snapshot.id()))
                .by("snapshot-id", Snapshot::id)
                .by("status", Snapshot::state)
                .by("owner-id", Snapshot::accountId)
                .by("volume-id", Snapshot::volumeId)
                .by("description", Snapshot::description)
                .by("encrypted", _ -> "false")
                .by("volume-size", snapshot -> Integer.toString(snapshot.sizeGibibytes()));
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("DescribeVolumes", this::volumes);
        actions.put("DeleteVolume", this::deleteVolume);
        actions.put("DescribeSnapshots", this::snapshots);
        actions.put("DeleteSnapshot", this::deleteSnapshot);
    }

    private byte[] volumes(Ec2Call call) {
        List<String> ids = call.list("VolumeId");
        for (String id : ids) {
            Ids.require(id, "vol", Ec2Error.VOLUME_MALFORMED, "a volume");
            if (compute.instances().volume(call.accountId(), id) == null) {
                throw Ec2Error.VOLUME_NOT_FOUND.because("The volume '" + id + "' does not exist.");
            }
        }
        call.endOfDryRun();
        List<Volume> fitting = volumeFilters.apply(call, compute.instances().volumes(call.accountId())).stream()
                .filter(volume -> ids.isEmpty() || ids.contains(volume.id()))
                .toList();
        var page = Page.of(call, tokens, fitting, Volume::id, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "volumeSet", page.items(), volume -> volume(xml, volume));
            page.writeNext(xml);
        });
    }

    private void volume(XmlWriter xml, Volume volume) {
        xml.text("volumeId", volume.id())
                .text("size", volume.sizeGibibytes())
                .text("snapshotId", volume.snapshotId().orElse(""))
                .text("availabilityZone", volume.zone())
                .text("status", volume.state())
                .text("createTime", Ec2Call.time(volume.created()));
        Ec2Call.items(
                xml,
                "attachmentSet",
                volume.attachment().stream().toList(),
                to -> xml.text("volumeId", volume.id())
                        .text("instanceId", to.instanceId())
                        .text("device", to.device())
                        .text("status", "attached")
                        .text("attachTime", Ec2Call.time(to.since()))
                        .text("deleteOnTermination", to.deleteOnTermination()));
        xml.text("volumeType", volume.type()).text("encrypted", false).text("multiAttachEnabled", false);
        Ec2Call.tagSet(xml, compute.tags().of(volume.accountId(), volume.id()));
    }

    private byte[] deleteVolume(Ec2Call call) {
        String id = call.text("VolumeId");
        Ids.require(id, "vol", Ec2Error.VOLUME_MALFORMED, "a volume");
        call.endOfDryRun();
        compute.deleteVolume(call.accountId(), id);
        return call.done();
    }

    private byte[] snapshots(Ec2Call call) {
        List<String> ids = call.list("SnapshotId");
        Set<String> owners = new HashSet<>(call.list("Owner"));
        List<Snapshot> all = compute.images().snapshots(call.accountId());
        for (String id : ids) {
            Ids.require(id, "snap", Ec2Error.SNAPSHOT_MALFORMED, "a snapshot");
            if (all.stream().noneMatch(snapshot -> snapshot.id().equals(id))) {
                throw Ec2Error.SNAPSHOT_NOT_FOUND.because("The snapshot '" + id + "' does not exist.");
            }
        }
        call.endOfDryRun();
        List<Snapshot> fitting = snapshotFilters.apply(call, all).stream()
                .filter(snapshot -> ids.isEmpty() || ids.contains(snapshot.id()))
                .filter(snapshot ->
                        owners.isEmpty() || owners.contains("self") || owners.contains(snapshot.accountId()))
                .toList();
        var page = Page.of(call, tokens, fitting, Snapshot::id, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "snapshotSet", page.items(), snapshot -> {
                xml.text("snapshotId", snapshot.id())
                        .text("volumeId", snapshot.volumeId())
                        .text("status", snapshot.state())
                        .text("startTime", Ec2Call.time(snapshot.started()))
                        .text("progress", snapshot.state().equals("completed") ? "100%" : "0%")
                        .text("ownerId", snapshot.accountId())
                        .text("volumeSize", snapshot.sizeGibibytes())
                        .text("description", snapshot.description())
                        .text("encrypted", false)
                        .text("storageTier", "standard");
                Ec2Call.maybe(xml, "statusMessage", snapshot.failure());
                Ec2Call.tagSet(xml, compute.tags().of(snapshot.accountId(), snapshot.id()));
            });
            page.writeNext(xml);
        });
    }

    private byte[] deleteSnapshot(Ec2Call call) {
        String id = call.text("SnapshotId");
        Ids.require(id, "snap", Ec2Error.SNAPSHOT_MALFORMED, "a snapshot");
        call.endOfDryRun();
        compute.images().deleteSnapshot(call.accountId(), id);
        return call.done();
    }
}
