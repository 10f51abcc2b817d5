package jarrah.ec2.fabric;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A question to a name server, and how it is answered (RFC 1035, section 4).
 *
 * @param id chosen by who asks
 * @param flags as they came
 * @param name with dots, without the last; case as it came
 * @param question the question as it came, to be sent back
 */
record DnsMessage(int id, int flags, String name, int type, byte[] question) {
    static final int A = 1;
    static final int PTR = 12;
    static final int ANY = 255;

    static final int NO_ERROR = 0;
    static final int SERVER_FAILURE = 2;
    static final int NO_SUCH_NAME = 3;
    static final int NOT_IMPLEMENTED = 4;

    /** How long an answer may be kept, seconds: addresses move to other machines. */
    private static final int TTL_SECONDS = 10;

    private static final int HEADER_BYTES = 12;
    private static final int INTERNET = 1;
    private static final int OPCODE = 0x7800;

    /** Reads a standard query with one question; empty for anything else. */
    static Optional<DnsMessage> parse(byte[] bytes) {
        try {
            var in = ByteBuffer.wrap(bytes);
            int id = Short.toUnsignedInt(in.getShort());
            int flags = Short.toUnsignedInt(in.getShort());
            int questions = in.getShort();
            in.position(HEADER_BYTES);
            if ((flags & 0x8000) != 0 || (flags & OPCODE) != 0 || questions != 1) {
                return Optional.empty();
            }
            var name = new StringBuilder();
            for (int length = in.get(); length != 0; length = in.get()) {
                if (length < 0 || length > 63 || name.length() > 253) {
                    return Optional.empty(); // a question needs no compression
                }
                var label = new byte[length];
                in.get(label);
                name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.ISO_8859_1));
            }
            int type = Short.toUnsignedInt(in.getShort());
            if (in.getShort() != INTERNET) {
                return Optional.empty();
            }
            var question = new byte[in.position() - HEADER_BYTES];
            in.get(HEADER_BYTES, question);
            return Optional.of(new DnsMessage(id, flags, name.toString(), type, question));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An answer with an address. */
    byte[] address(int address) {
        return answer(A, DhcpMessage.intBytes(address));
    }

    /** An answer with a name. */
    byte[] name(String name) {
        var data = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            data.write(label.length());
            data.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
        }
        data.write(0);
        return answer(PTR, data.toByteArray());
    }

    private byte[] answer(int answered, byte[] data) {
        var out = header(NO_ERROR, 1);
        out.writeBytes(ByteBuffer.allocate(12)
                .putShort((short) 0xc00c) // the question's name
                .putShort((short) answered)
                .putShort((short) INTERNET)
                .putInt(TTL_SECONDS)
                .putShort((short) data.length)
                .array());
        out.writeBytes(data);
        return out.toByteArray();
    }

    /** An answer without records. */
    byte[] empty(int code) {
        return header(code, 0).toByteArray();
    }

    private ByteArrayOutputStream header(int code, int answers) {
        int response = 0x8000;
        int authoritative = 0x0400;
        int recursionAvailable = 0x0080;
        int recursionDesired = flags & 0x0100;
        var out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(HEADER_BYTES)
                .putShort((short) id)
                .putShort((short) (response | authoritative | recursionAvailable | recursionDesired | code))
                .putShort((short) 1)
                .putShort((short) answers)
                .array());
        out.writeBytes(question);
        return out;
    }
}
