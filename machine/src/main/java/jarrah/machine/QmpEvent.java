package jarrah.machine;

import tools.jackson.databind.JsonNode;

/**
 * Something that QEMU tells unasked.
 *
 * @param name in capitals, e.g. {@code DEVICE_DELETED}
 * @param data the event's members; an empty object if it has none
 */
record QmpEvent(String name, JsonNode data) {
    boolean is(String wantedName, String member, String value) {
        return name.equals(wantedName) && value.equals(data.path(member).asString(""));
    }
}
