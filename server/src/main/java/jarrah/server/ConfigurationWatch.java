package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the accelerator's configuration has changed, and has it take effect: no request is dropped. One that is
 * wrong changes nothing and is told in the log, once, with line and reason.
 */
final class ConfigurationWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWatch.class);

    /** Where a configuration lies. */
    interface Source {
        /** What it is called in messages. */
        String name();

        /** How often to look. */
        Duration every();

        /**
         * Something that differs when the configuration may have changed; cheap.
         *
         * @throws IOException if it cannot be seen now
         */
        String version() throws IOException;

        /**
         * Reads it.
         *
         * @throws ConfigException in one line what is wrong and where
         */
        AcceleratorConfig read() throws IOException;
    }

    /** What is run by a configuration. */
    interface Target {
        /**
         * Has another configuration take effect.
         *
         * @throws IOException if it cannot; then nothing changed
         */
        void take(AcceleratorConfig config) throws IOException;
    }

    private final Source source;
    private final Target target;
    private final Thread thread;
    private String version;
    private String trouble = "";

    /**
     * Begins to look.
     *
     * @param version of the configuration that is in force
     */
    ConfigurationWatch(Source source, String version, Target target) {
        this.source = source;
        this.version = version;
        this.target = target;
        thread = Thread.ofVirtual().name("configuration").unstarted(this::run);
    }

    ConfigurationWatch start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(source.every());
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private synchronized void look() {
        try {
            String now = source.version();
            if (!now.equals(version)) {
                takeVersion(now);
            }
        } catch (ConfigException | IOException e) {
            tell(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            tell(source.name() + ": " + e); // whatever it is: the next change is looked for all the same
        }
    }

    private void tell(String message) {
        if (!message.equals(trouble)) {
            LOG.error("{}; the former configuration stays in force", message);
            trouble = message;
        }
    }

    /** What could not be read, unlike what is wrong, is tried again at the next look. */
    private int takeVersion(String now) throws IOException {
        try {
            int sites = take();
            version = now;
            return sites;
        } catch (ConfigException e) {
            version = now;
            throw e;
        }
    }

    /**
     * Reads the configuration whether or not it has changed.
     *
     * @return how many sites it has
     * @throws ConfigException in one line what is wrong and where; then nothing changed
     */
    synchronized int reload() throws IOException {
        return takeVersion(source.version());
    }

    private int take() throws IOException {
        AcceleratorConfig config = source.read();
        target.take(config);
        trouble = "";
        int sites = config.sites().all().size();
        LOG.info("{} is read anew: {} sites", source.name(), sites);
        return sites;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
