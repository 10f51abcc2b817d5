package jarrah.server;

import jarrah.machine.UserRange;
import java.util.Locale;

/**
 * Everything that can be set, once each: its key in the file, its default, what it is and why the default is what it is.
 *
 * <p>A setting {@code api.port} is {@code api: {port: ...}} in the file, {@code --api-port} on the command line and
 * {@code JARRAH_API_PORT} in the environment; the command line wins over the environment, that over the file.
 */
enum Setting {
    REGION(
            "region",
            "us-east-1",
            "NAME",
            "Name of this region. Clients check it against AWS's list, hence the default."),
    LISTEN(
            "listen",
            "127.0.0.1",
            "ADDR",
            "Address of all three ports. Loopback, so that nothing is open to a network unless asked for."),
    API_PORT("api.port", "8773", "N", "TCP port of the AWS APIs (0: a free one). The port of the Eucalyptus years."),
    API_TLS_PORT(
            "api.tls-port",
            "",
            "N",
            "TCP port on which the AWS APIs are served with TLS besides (0: a free one). Off: it takes a certificate."),
    API_TLS_CERTIFICATE(
            "api.tls-certificate",
            "",
            "FILE",
            "Certificate chain of that port, PEM, the server's own first. Read again when it or its key changes."),
    API_TLS_KEY("api.tls-key", "", "FILE", "Private key of that certificate, PEM (PKCS#8), without a password."),
    ACCELERATOR_PORT("accelerator.port", "8080", "N", "TCP port of the HTTP accelerator (0: a free one)."),
    CONSOLE_PORT("console.port", "8774", "N", "TCP port of operations: /health and /metrics (0: a free one)."),
    STRICT_REGION(
            "strict-region",
            "false",
            "BOOL",
            "Refuse signatures made for another region. Off, since old clients sign for odd ones."),
    S3_BUCKET_DEFAULTS(
            "s3.bucket-defaults",
            "",
            "acl|aws",
            "What a new bucket allows: `acl` honours ACLs such as --acl-public; `aws` ignores them, as AWS does since 2023."
                    + " Default acl on loopback; to be chosen when listening elsewhere."),
    S3_DOMAINS(
            "s3.domains",
            "",
            "DOMAIN,...",
            "Further domains D under which BUCKET.D names a bucket. s3.localhost and s3.REGION.localhost always do."),
    S3_DAY(
            "s3.day",
            "24h",
            "DURATION",
            "How long a day of a lifecycle is. Seconds make it quick to try one; then AWS's least numbers of days are not"
                    + " asked for, and small objects move, too."),
    S3_SIGNATURE_V2(
            "s3.signature-v2",
            "true",
            "BOOL",
            "Take signatures of version 2, which the tools of the first years make. They do not protect the body."),
    S3_CUSTOMER_KEYS_IN_CLEAR(
            "s3.customer-keys-in-clear",
            "loopback",
            "never|loopback",
            "Whether keys of the client's own (SSE-C) are taken over plain HTTP: AWS asks for TLS; on loopback nobody else"
                    + " listens."),
    STORAGE_VERIFY(
            "storage.verify",
            "first-read",
            "always|first-read|scrub",
            "When checksums of stored bytes are compared: at each read; at the first since the start or since the file"
                    + " changed; or by the scrubber alone."),
    STORAGE_SCRUB(
            "storage.scrub",
            "30d",
            "DURATION|never",
            "How long the scrubber takes to read all stored bytes and compare them with their checksums, in the background."
                    + " A month finds a failing disk while backups still hold what it lost."),
    STORAGE_ACCEPT_LOSS(
            "storage.accept-loss",
            "false",
            "BOOL",
            "Open a damaged log of records as far as it can be read and drop the rest. The way out once the damage was"
                    + " understood; a start says when it is needed."),
    COMPUTE_MEMORY(
            "compute.memory",
            "",
            "SIZE",
            "What all instances together may use, e.g. 16GiB. Default: the host's memory less 2 GiB, for the host itself."),
    COMPUTE_USERS(
            "compute.users",
            UserRange.DEFAULT.toString(),
            "FIRST-LAST|none",
            "Where the server is root: ids of the users that machines run as, one each, so that a guest that breaks out of"
                    + " QEMU is nobody. All servers of a host may have the same. The default is above the ids that people,"
                    + " services and containers are given; another where the server's own container does not have those."),
    NETWORK_PUBLIC_POOL(
            "network.public-pool",
            "",
            "CIDR",
            "The /24 that instances' public addresses are of; they are reached from this host. Default: one of"
                    + " 198.18.0.0/15, chosen by the data directory, which no other network uses (RFC 2544)."),
    NETWORK_EGRESS(
            "network.egress",
            "false",
            "BOOL",
            "Let instances reach the world outside through this host. Off: that takes forwarding and address translation on"
                    + " the host, which is the operator's to allow."),
    KEY_FILE(
            "key-file",
            "",
            "FILE",
            "The key that seals stored secrets. Default DATA/secret.key; elsewhere it also protects a copied data directory."),
    ACCOUNT_ID(
            "account.id",
            "",
            "12 DIGITS",
            "Id of the first account. Made up if empty; of use at the first start only."),
    ACCOUNT_ACCESS_KEY_ID(
            "account.access-key-id", "", "ID", "Access key of the first account's administrator. Made up if empty."),
    ACCOUNT_SECRET_ACCESS_KEY(
            "account.secret-access-key", "", "SECRET", "Its secret half. Made up if empty; better in the environment.");

    private final String key;
    private final String defaultText;
    private final String form;
    private final String help;

    Setting(String key, String defaultText, String form, String help) {
        this.key = key;
        this.defaultText = defaultText;
        this.form = form;
        this.help = help;
    }

    /** Dotted path in the configuration file. */
    String key() {
        return key;
    }

    /** The value where nobody sets one, as it would be written; empty if it depends. */
    String defaultText() {
        return defaultText;
    }

    /** What a value looks like. */
    String form() {
        return form;
    }

    /** What it is, and the reason for the default. */
    String help() {
        return help;
    }

    String environment() {
        return "JARRAH_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    String flag() {
        return "--" + key.replace('.', '-');
    }
}
