package jarrah.images.tiny;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What we read of 64-bit little-endian ELF files: which libraries a program needs, and what a kernel module says of itself.
 * Offsets are those of the ELF-64 object file format, version 1.5.
 */
final class Elf {
    private static final int PROGRAM_LOAD = 1;
    private static final int PROGRAM_DYNAMIC = 2;
    private static final long TAG_NEEDED = 1;
    private static final long TAG_STRINGS = 5;

    private final ByteBuffer bytes;

    private Elf(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** The names of the libraries that a program or library is linked with, e.g. {@code libc.so.6}; none for a static one. */
    static List<String> needed(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < 64 || bytes.getInt(0) != 0x464c457f || bytes.get(4) != 2) {
            return List.of(); // a script, say
        }
        try {
            return new Elf(bytes).needed();
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new IOException(file + " is no whole ELF file", e);
        }
    }

    /** The modules that a kernel module depends on: the line {@code depends=a,b} of its section {@code .modinfo}. */
    static List<String> moduleDepends(byte[] module) {
        String text = new String(module, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("\0depends=");
        if (at < 0) {
            return List.of();
        }
        int start = at + "\0depends=".length();
        String names = text.substring(start, text.indexOf('\0', start));
        return names.isEmpty() ? List.of() : List.of(names.split(","));
    }

    private List<String> needed() {
        var names = new ArrayList<Long>();
        long strings = -1;
        int dynamic = header(PROGRAM_DYNAMIC);
        if (dynamic < 0) {
            return List.of();
        }
        int at = (int) bytes.getLong(dynamic + 8);
        for (long tag = bytes.getLong(at); tag != 0; at += 16, tag = bytes.getLong(at)) {
            if (tag == TAG_NEEDED) {
                names.add(bytes.getLong(at + 8));
            } else if (tag == TAG_STRINGS) {
                strings = fileOffset(bytes.getLong(at + 8));
            }
        }
        var found = new ArrayList<String>();
        for (long name : names) {
            found.add(text((int) (strings + name)));
        }
        return found;
    }

    private int header(int type) {
        for (int i = 0; i < headers(); i++) {
            if (bytes.getInt(header0(i)) == type) {
                return header0(i);
            }
        }
        return -1;
    }

    private int headers() {
        return bytes.getShort(56);
    }

    private int header0(int index) {
        return (int) bytes.getLong(32) + index * bytes.getShort(54);
    }

    /** Where in the file lies what is loaded at an address. */
    private long fileOffset(long address) {
        for (int i = 0; i < headers(); i++) {
            int at = header0(i);
            long start = bytes.getLong(at + 16);
            if (bytes.getInt(at) == PROGRAM_LOAD && address >= start && address < start + bytes.getLong(at + 32)) {
                return bytes.getLong(at + 8) + address - start;
            }
        }
        throw new IndexOutOfBoundsException("address " + address);
    }

    private String text(int start) {
        int end = start;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] name = new byte[end - start];
        bytes.get(start, name);
        return new String(name, StandardCharsets.UTF_8);
    }
}
