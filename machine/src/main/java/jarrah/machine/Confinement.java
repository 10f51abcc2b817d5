package jarrah.machine;

import java.util.List;
import java.util.OptionalInt;

/**
 * What QEMU is kept in, since what its guest runs is not trusted: seccomp, if it was built with that, and a user of its own.
 *
 * @param seccomp whether QEMU can deny itself system calls
 * @param user whom it becomes after it has opened its files, with the group of the same number; empty to stay who it is
 */
record Confinement(boolean seccomp, OptionalInt user) {
    private static final String RUN_AS = "-runas";

    /**
     * QEMU's options.
     *
     * @param spawns whether it has to start programs: user networking does, for each connection to the metadata service
     */
    List<String> options(boolean spawns) {
        var options = new java.util.ArrayList<String>();
        if (seccomp) {
            // QEMU 7.2 changes its user behind this filter already. One that is not root has nothing to elevate: its
            // capabilities are gone, and the filter comes with no_new_privs, so that no program gives it any.
            String elevation = user.isPresent() ? "allow" : "deny";
            options.add("-sandbox");
            options.add("on,obsolete=deny,elevateprivileges=" + elevation + ",spawn=" + (spawns ? "allow" : "deny")
                    + ",resourcecontrol=deny");
        }
        if (user.isPresent()) {
            options.add(RUN_AS);
            options.add(user.getAsInt() + ":" + user.getAsInt());
        }
        return options;
    }

    /** The user that a command line names; empty if it names none. */
    static OptionalInt userOf(List<String> command) {
        int option = command.indexOf(RUN_AS);
        return option < 0
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(command.get(option + 1).split(":", 2)[0]));
    }
}
