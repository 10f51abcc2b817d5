package jarrah.ec2.fabric;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the resolvers of the host, from the host's own network. */
final class DnsForwarder {
    private static final Logger LOG = LoggerFactory.getLogger(DnsForwarder.class);
    private static final int PORT = 53;
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int MAX_UDP_BYTES = 2_048;

    private final Path resolverFile;

    /** Asks those that a file in the form of {@code resolv.conf(5)} names, read anew each time: it changes with networks. */
    DnsForwarder(Path resolverFile) {
        this.resolverFile = resolverFile;
    }

    private List<InetAddress> resolvers() throws IOException {
        try (var lines = Files.lines(resolverFile)) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length >= 2 && words[0].equals("nameserver"))
                    .map(words -> words[1])
                    .filter(address -> address.matches("[0-9a-fA-F.:]+")) // a literal: nothing is looked up here
                    .limit(3)
                    .<InetAddress>mapMulti((address, sink) -> {
                        try {
                            sink.accept(InetAddress.getByName(address));
                        } catch (java.net.UnknownHostException e) {
                            // Not an address: resolv.conf(5) passes over it too.
                        }
                    })
                    .toList();
        }
    }

    /** The answer to a message, as it came; empty if no resolver gave one. */
    Optional<byte[]> udp(byte[] query) throws IOException {
        for (InetAddress resolver : resolvers()) {
            try (var socket = new DatagramSocket()) {
                socket.connect(new InetSocketAddress(resolver, PORT)); // answers of others are not received
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.send(new DatagramPacket(query, query.length));
                var answer = new DatagramPacket(new byte[MAX_UDP_BYTES], MAX_UDP_BYTES);
                socket.receive(answer);
                byte[] bytes = Arrays.copyOf(answer.getData(), answer.getLength());
                if (bytes.length > 2 && bytes[0] == query[0] && bytes[1] == query[1]) {
                    return Optional.of(bytes);
                }
            } catch (IOException e) {
                LOG.debug("{} gave no answer", resolver, e);
            }
        }
        return Optional.empty();
    }

    /** The same over TCP. */
    Optional<byte[]> tcp(byte[] query) throws IOException {
        for (InetAddress resolver : resolvers()) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(resolver, PORT), PATIENCE_MILLIS);
                socket.setSoTimeout(PATIENCE_MILLIS);
                var out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(query.length);
                out.write(query);
                out.flush();
                var in = new DataInputStream(socket.getInputStream());
                var answer = new byte[in.readUnsignedShort()];
                in.readFully(answer);
                return Optional.of(answer);
            } catch (IOException e) {
                LOG.debug("{} gave no answer", resolver, e);
            }
        }
        return Optional.empty();
    }
}
