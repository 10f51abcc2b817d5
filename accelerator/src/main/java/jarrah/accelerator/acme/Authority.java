package jarrah.accelerator.acme;

import jarrah.accelerator.config.AcmeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** An authority, as a customer of it. */
final class Authority {
    /** For each answer of the authority. */
    private static final Duration ANSWER = Duration.ofSeconds(30);

    /** For its look at what it asked for, and for the signature. */
    private static final Duration DECISION = Duration.ofMinutes(2);

    private final AcmeConfig config;
    private final Path accountKey;
    private final Challenges challenges;
    private final Session session;

    /**
     * Asks nothing yet.
     *
     * @param accountKey the file of the account's private key; made when it is first needed
     * @throws IOException if the authorities to trust cannot be read
     */
    Authority(AcmeConfig config, Path accountKey, Challenges challenges) throws IOException {
        this.config = config;
        this.accountKey = accountKey;
        this.challenges = challenges;
        session = new Session(config.directory(), new Provider(trust(config)));
        session.networkSettings().setTimeout(ANSWER);
    }

    /** The library's own way to the authority, with what else is trusted. */
    private static final class Provider extends GenericAcmeProvider {
        private final SSLContext trust;

        Provider(SSLContext trust) {
            this.trust = trust;
        }

        @Override
        public HttpClient createHttpClient(NetworkSettings settings) {
            return HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(settings.getTimeout())
                    .proxy(settings.getProxySelector())
                    .sslContext(trust)
                    .build();
        }
    }

    private static SSLContext trust(AcmeConfig config) throws IOException {
        try {
            if (config.authorities().isEmpty()) {
                return SSLContext.getDefault();
            }
            Path file = config.authorities().get();
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            try (InputStream in = Files.newInputStream(file)) {
                for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("authority" + store.size(), each);
                }
            } catch (NoSuchFileException e) {
                throw new IOException("there is no file " + file, e);
            }
            if (store.size() == 0) {
                throw new IOException(file + " holds no certificate");
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("tls.acme.ca: " + e.getMessage(), e);
        }
    }

    /**
     * Orders a certificate; waits until it is there.
     *
     * @return the text of a {@link PemFile}
     * @throws AcmeException if the authority will not give it, for a person to read
     * @throws IOException if the account's key cannot be kept
     */
    String order(String name) throws AcmeException, IOException, InterruptedException {
        Order order = login().newOrder().domain(name).create();
        var tokens = new ArrayList<String>();
        try {
            for (Authorization each : order.getAuthorizations()) {
                if (each.getStatus() != Status.VALID) {
                    prove(each, name, tokens);
                }
            }
        } finally {
            tokens.forEach(challenges::remove);
        }
        order.waitUntilReady(DECISION);
        KeyPair keys = PemFile.freshKey();
        order.execute(keys);
        if (order.waitForCompletion(DECISION) != Status.VALID) {
            throw new AcmeException("the authority gave no certificate: "
                    + why(order.getError().stream().toList()));
        }
        var chain = new StringWriter();
        order.getCertificate().writeCertificate(chain);
        return PemFile.text(chain.toString(), keys);
    }

    private void prove(Authorization asked, String name, List<String> tokens)
            throws AcmeException, InterruptedException {
        Http01Challenge challenge = asked.findChallenge(Http01Challenge.class)
                .orElseThrow(() -> new AcmeException("the authority takes no proof by HTTP for " + name));
        challenges.put(challenge.getToken(), challenge.getAuthorization());
        tokens.add(challenge.getToken());
        challenge.trigger();
        if (asked.waitForCompletion(DECISION) != Status.VALID) {
            challenge.fetch();
            throw new AcmeException("the authority could not see http://" + name + "/.well-known/acme-challenge/...: "
                    + why(challenge.getError().stream().toList()));
        }
    }

    private static String why(List<Problem> problems) {
        return problems.isEmpty() ? "it says no reason" : problems.getFirst().toString();
    }

    /** The same key gives the same account (RFC 8555, 7.3.1). */
    private Login login() throws AcmeException, IOException {
        var account = new AccountBuilder().agreeToTermsOfService().useKeyPair(accountKeys());
        config.contacts().forEach(account::addEmail);
        config.account().ifPresent(external -> account.withKeyIdentifier(external.id(), external.key()));
        try {
            return account.createLogin(session);
        } catch (AcmeServerException e) {
            throw new AcmeException("no account with " + config.directory().getHost() + ": " + e.getMessage(), e);
        }
    }

    private KeyPair accountKeys() throws IOException {
        if (Files.exists(accountKey)) {
            return PemFile.readKeys(accountKey);
        }
        KeyPair keys = PemFile.freshKey();
        PemFile.write(accountKey, PemFile.text(keys));
        return keys;
    }
}
