package jarrah.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The servers under measurement, each a process of its own on loopback, all ended when this is closed. */
final class Servers implements AutoCloseable {
    private static final int START_SECONDS = 120;

    private final Path directory;
    private final Deque<Process> running = new ArrayDeque<>();

    Servers(Path directory) {
        this.directory = directory;
    }

    /** A free TCP port of the loopback address. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /**
     * A running Jarrah.
     *
     * @param process its process
     * @param data its data directory
     */
    record Jarrah(Process process, Path data, int api, int accelerator, int operations) {}

    /** Starts Jarrah as a user does; the region answers when this returns. */
    Jarrah jarrah(String name, Path config, String... environment) throws IOException {
        Path data = directory.resolve(name);
        int api = freePort();
        int accelerator = freePort();
        int operations = freePort();
        var builder = new ProcessBuilder(
                Path.of("jarrah").toAbsolutePath().toString(),
                "up",
                "--data",
                data.toString(),
                "--api-port",
                Integer.toString(api),
                "--accelerator-port",
                Integer.toString(accelerator),
                "--console-port",
                Integer.toString(operations),
                "--config",
                config.toString());
        builder.environment().put("JARRAH_ACCOUNT_ACCESS_KEY_ID", S3Load.ACCESS_KEY_ID);
        builder.environment().put("JARRAH_ACCOUNT_SECRET_ACCESS_KEY", S3Load.SECRET);
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        Process process = start(builder, name);
        await("http://127.0.0.1:" + operations + "/health");
        return new Jarrah(process, data, api, accelerator, operations);
    }

    /** nginx that serves files. */
    Process nginxStatic(int port, Path root) throws IOException {
        return nginx("nginx-static", port, "location / { root " + root + "; }");
    }

    /** Starts the accelerator alone, with what Java takes by default for its heap. */
    Process accelerator(String name, int port, Path config) throws IOException {
        var builder = new ProcessBuilder(
                Path.of("jarrah").toAbsolutePath().toString(),
                "accelerator",
                "--config",
                config.toString(),
                "--data",
                directory.resolve(name).toString(),
                "--port",
                Integer.toString(port));
        Process process = start(builder, name);
        await("http://127.0.0.1:" + port + "/");
        return process;
    }

    /**
     * nginx with proxy_cache before an origin.
     *
     * @param mebibytes of files
     * @param nopush whether heads and bodies leave together, which is best for hits; answers on their way from the origin
     *     then wait 200 ms for what would fill a packet (TCP_CORK in tcp(7))
     */
    Process nginxCache(String name, int port, int origin, int mebibytes, boolean nopush) throws IOException {
        Path cache = Files.createDirectories(directory.resolve(name + "-files"));
        return nginx(
                name,
                port,
                "location / { proxy_pass http://127.0.0.1:" + origin
                        + "; proxy_cache c; proxy_cache_valid 200 1h; proxy_cache_lock on; tcp_nopush "
                        + (nopush ? "on" : "off")
                        + ";"
                        + " proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
                "proxy_cache_path " + cache + " keys_zone=c:10m max_size=" + mebibytes + "m;");
    }

    private Process nginx(String name, int port, String location, String... http) throws IOException {
        Path prefix = Files.createDirectories(directory.resolve(name));
        String config = """
                daemon off; worker_processes 2; pid %1$s/pid; error_log %1$s/error.log;
                events { worker_connections 1024; }
                http {
                  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; types {}
                  client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
                  uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                  %2$s
                  server { listen 127.0.0.1:%3$d; %4$s }
                }
                """.formatted(prefix, String.join("\n", http), port, location);
        Path file = Files.writeString(prefix.resolve("nginx.conf"), config);
        Process process = start(
                new ProcessBuilder("nginx", "-p", prefix.toString(), "-c", file.toString(), "-g", "user root;"), name);
        await("http://127.0.0.1:" + port + "/");
        return process;
    }

    /** Varnish before an origin, with so many MiB of memory. */
    Process varnish(String name, int port, int origin, int mebibytes) throws IOException {
        Path work = directory.resolve(name);
        Process process = start(
                new ProcessBuilder(
                        "varnishd",
                        "-F",
                        "-n",
                        work.toString(),
                        "-a",
                        "127.0.0.1:" + port,
                        "-b",
                        "127.0.0.1:" + origin,
                        "-s",
                        "malloc," + mebibytes + "m",
                        "-t",
                        "3600",
                        "-j",
                        "none"),
                name);
        await("http://127.0.0.1:" + port + "/");
        return process;
    }

    /** Where {@code bench.sh} put the libraries of the peers that are Java programs. */
    private static Path peer(String name) {
        return Path.of("bench", "target", "peers", name);
    }

    /** Whether that peer could be fetched. */
    static boolean hasPeer(String name) {
        return Files.isDirectory(peer(name));
    }

    /** S3Proxy before a directory, which checks signatures. */
    Process s3proxy(int port) throws IOException {
        Path work = Files.createDirectories(directory.resolve("s3proxy"));
        Path config = Files.writeString(work.resolve("s3proxy.conf"), """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                s3proxy.v4-max-non-chunked-request-size=134217728
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                jclouds.identity=x
                jclouds.credential=x
                """.formatted(
                        port, S3Load.ACCESS_KEY_ID, S3Load.SECRET, Files.createDirectories(work.resolve("files"))));
        return java("s3proxy", port, "org.gaul.s3proxy.Main", "--properties", config.toString());
    }

    /** S3Mock before a directory; takes any signature. */
    Process s3mock(int port) throws IOException {
        Path files = Files.createDirectories(directory.resolve("s3mock-files"));
        return java(
                "s3mock",
                port,
                "com.adobe.testing.s3mock.S3MockApplication",
                "--server.port=0",
                "--com.adobe.testing.s3mock.httpPort=" + port,
                "--com.adobe.testing.s3mock.store.root=" + files,
                "--logging.level.root=WARN");
    }

    /** A Java program with the heap that Jarrah has. */
    private Process java(String peer, int port, String main, String... arguments) throws IOException {
        Path logging = Files.writeString(
                directory.resolve(peer + "-logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
        var command = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                peer(peer).resolve("*").toString(),
                main));
        command.addAll(List.of(arguments));
        Process process = start(new ProcessBuilder(command), peer);
        await("http://127.0.0.1:" + port + "/");
        return process;
    }

    private Process start(ProcessBuilder builder, String name) throws IOException {
        Path log = directory.resolve(name + ".log");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        running.push(process);
        return process;
    }

    /** Waits until something answers there, whatever it says. */
    static void await(String url) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end) {
            if (answers(url)) {
                return;
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new IOException("nothing answers at " + url);
    }

    private static boolean answers(String url) {
        try {
            var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(5_000);
            boolean answered = connection.getResponseCode() > 0;
            connection.disconnect();
            return answered;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends one server. */
    void stop(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroy();
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        running.remove(process);
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            stop(running.peek());
        }
    }
}
