package jarrah.ec2.wire;

import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tags. */
final class TagActions {
    private final Compute compute;
    private final Page.Tokens tokens;
    private final Filters<Tag> filters = new Filters<Tag>(_ -> Map.of())
            .by("key", Tag::key)
            .by("value", Tag::value)
            .by("resource-id", Tag::resourceId)
            .by("resource-type", Tag::resourceType);

    private record Tag(String resourceId, String resourceType, String key, String value) {}

    TagActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("CreateTags", this::create);
        actions.put("DeleteTags", this::delete);
        actions.put("DescribeTags", this::describe);
    }

    private static List<String> resources(Ec2Call call) {
        List<String> ids = call.list("ResourceId");
        if (ids.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter resourceIdSet");
        }
        return ids;
    }

    private byte[] create(Ec2Call call) {
        Map<String, String> tags = Ec2Call.tagsOf(call);
        if (tags.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter tagSet");
        }
        List<String> ids = resources(call);
        call.endOfDryRun();
        compute.instances().tag(call.accountId(), ids, tags);
        return call.done();
    }

    private byte[] delete(Ec2Call call) {
        var tags = new HashMap<String, @Nullable String>();
        for (Ec2Call tag : call.structures("Tag")) {
            tags.put(tag.text("Key"), tag.request().get(tag.prefix() + "Value"));
        }
        List<String> ids = resources(call);
        call.endOfDryRun();
        compute.instances().untag(call.accountId(), ids, tags);
        return call.done();
    }

    private byte[] describe(Ec2Call call) {
        List<Tag> all = compute.tags().all(call.accountId()).stream()
                .flatMap(tagged -> tagged.tags().entrySet().stream()
                        .map(tag -> new Tag(tagged.resourceId(), tagged.resourceType(), tag.getKey(), tag.getValue())))
                .toList();
        call.endOfDryRun();
        var page = Page.of(call, tokens, filters.apply(call, all), tag -> tag.resourceId() + "\n" + tag.key(), false);
        return call.answer(xml -> {
            Ec2Call.items(
                    xml,
                    "tagSet",
                    page.items(),
                    tag -> xml.text("resourceId", tag.resourceId())
                            .text("resourceType", tag.resourceType())
                            .text("key", tag.key())
                            .text("value", tag.value()));
            page.writeNext(xml);
        });
    }
}
