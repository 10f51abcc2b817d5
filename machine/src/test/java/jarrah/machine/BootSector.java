package jarrah.machine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A guest in one sector, in 16-bit code: it writes GUEST-UP to the first serial port, then 18 times a second looks for two
 * things. A key, which SeaBIOS also takes from the serial port: {@code o} is answered by GUEST-OFF and power-off, any other by GUEST-HEARD. The ACPI
 * power button (which it enabled at port 0x602, where SeaBIOS puts it on both boards): GUEST-OFF and power-off.
 */
final class BootSector {
    private static final String CODE = "fa31c08ed88ed0bc007cba0206b80001efbe5f7ce83000fbf4ba0006edf6c4017516b401cd16"
            + "74f030e4cd163c6f7408be6a7ce81100ebe0be787ce80900ba0406b80020efebd1ac84c0741288c3bafd03eca82074f888d8ba"
            + "f803eeebe9c3";

    private BootSector() {}

    /** Makes a raw disk that boots it. */
    static Path disk(Path file, long bytes) throws IOException {
        try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(bytes);
            disk.write(HexFormat.of().parseHex(CODE));
            disk.writeBytes("GUEST-UP\r\n\0GUEST-HEARD\r\n\0GUEST-OFF\r\n\0");
            disk.seek(510);
            disk.write(0x55);
            disk.write(0xaa);
        }
        return file;
    }
}
