package jarrah.ec2.fabric;

import java.util.List;

/**
 * One thing of the fabric in the kernel. Each knows the {@code ip} commands that make and unmake it; making anything but
 * a namespace or a device again is harmless. Written to the ledger as one line: its kind and fields, a space between.
 *
 * <p>A namespace of the empty name is the host's own.
 */
sealed interface Part {
    /** A line of {@code ip -batch}, and the namespace that it is for. */
    record Command(String namespace, String line) {}

    List<Command> make();

    List<Command> unmake();

    /** The line of the ledger. */
    String line();

    /** A named network namespace. */
    record Namespace(String name) implements Part {
        @Override
        public List<Command> make() {
            return List.of(new Command("", "netns add " + name));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command("", "netns del " + name));
        }

        @Override
        public String line() {
            return "namespace " + name;
        }
    }

    /** Two devices joined as by a cable, the first in the one namespace, the second in the other. */
    record Pair(String namespace, String device, String peerNamespace, String peerDevice) implements Part {
        @Override
        public List<Command> make() {
            return List.of(
                    new Command(
                            namespace,
                            "link add " + device + " type veth peer name " + peerDevice + " netns " + peerNamespace),
                    new Command(namespace, "link set dev " + device + " up"),
                    new Command(peerNamespace, "link set dev " + peerDevice + " up"));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command(namespace, "link del " + device));
        }

        @Override
        public String line() {
            return "pair " + dash(namespace) + " " + device + " " + peerNamespace + " " + peerDevice;
        }
    }

    /** A device whose other end QEMU opens. */
    record Tap(String namespace, String device) implements Part {
        @Override
        public List<Command> make() {
            return List.of(
                    new Command(namespace, "tuntap add dev " + device + " mode tap"),
                    new Command(namespace, "link set dev " + device + " up"));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command(namespace, "link del " + device));
        }

        @Override
        public String line() {
            return "tap " + namespace + " " + device;
        }
    }

    /** A device that the kernel gave us, to be switched on: a namespace's {@code lo}. */
    record Up(String namespace, String device) implements Part {
        @Override
        public List<Command> make() {
            return List.of(new Command(namespace, "link set dev " + device + " up"));
        }

        @Override
        public List<Command> unmake() {
            return List.of();
        }

        @Override
        public String line() {
            return "up " + namespace + " " + device;
        }
    }

    /** An address of a device, alone or with the one that its cable leads to. */
    record Address(String namespace, String device, String address, String peer) implements Part {
        private String text() {
            return peer.isEmpty() ? address + "/32" : address + " peer " + peer + "/32";
        }

        @Override
        public List<Command> make() {
            return List.of(new Command(namespace, "addr replace " + text() + " dev " + device));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command(namespace, "addr del " + text() + " dev " + device));
        }

        @Override
        public String line() {
            return "address " + dash(namespace) + " " + device + " " + address + " " + dash(peer);
        }
    }

    /** A route; without a device, one that leads nowhere. */
    record Route(String namespace, String destination, String via, String device, String source) implements Part {
        private String text() {
            if (device.isEmpty()) {
                return "unreachable " + destination;
            }
            return destination + (via.isEmpty() ? "" : " via " + via) + " dev " + device
                    + (source.isEmpty() ? "" : " src " + source);
        }

        @Override
        public List<Command> make() {
            return List.of(new Command(namespace, "route replace " + text()));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command(namespace, "route del " + text()));
        }

        @Override
        public String line() {
            return "route " + dash(namespace) + " " + destination + " " + dash(via) + " " + dash(device) + " "
                    + dash(source);
        }
    }

    /** Who has an address, so that nobody can be asked, and nobody can claim it. */
    record Neighbour(String namespace, String address, String mac, String device) implements Part {
        @Override
        public List<Command> make() {
            return List.of(new Command(
                    namespace, "neigh replace " + address + " lladdr " + mac + " dev " + device + " nud permanent"));
        }

        @Override
        public List<Command> unmake() {
            return List.of(new Command(namespace, "neigh del " + address + " dev " + device));
        }

        @Override
        public String line() {
            return "neighbour " + namespace + " " + address + " " + mac + " " + device;
        }
    }

    /** The host's own packet filter table, loaded and removed with the filters. */
    record HostTable(String name) implements Part {
        @Override
        public List<Command> make() {
            return List.of();
        }

        @Override
        public List<Command> unmake() {
            return List.of();
        }

        @Override
        public String line() {
            return "host-table " + name;
        }
    }

    /** Reads a line of the ledger. */
    static Part parse(String line) {
        String[] words = line.split(" ");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].equals("-") ? "" : words[i];
        }
        return switch (words[0]) {
            case "namespace" -> new Namespace(words[1]);
            case "pair" -> new Pair(words[1], words[2], words[3], words[4]);
            case "tap" -> new Tap(words[1], words[2]);
            case "up" -> new Up(words[1], words[2]);
            case "address" -> new Address(words[1], words[2], words[3], words[4]);
            case "route" -> new Route(words[1], words[2], words[3], words[4], words[5]);
            case "neighbour" -> new Neighbour(words[1], words[2], words[3], words[4]);
            case "host-table" -> new HostTable(words[1]);
            default -> throw new IllegalArgumentException("the ledger has a line of no known kind: " + line);
        };
    }

    private static String dash(String word) {
        return word.isEmpty() ? "-" : word;
    }
}
