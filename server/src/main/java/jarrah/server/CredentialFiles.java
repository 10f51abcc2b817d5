package jarrah.server;

import jarrah.iam.AccessKey;
import jarrah.iam.Certificates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The files that give the usual clients an account: {@code credentials/ACCOUNT/}, and the first account's also in
 * {@code credentials/} itself. Written anew at each start, since ports may change; certificate and private key once.
 *
 * @param directory {@code DATA/credentials}
 * @param region name of the region
 * @param apiPort port of the APIs
 * @param host address that clients on this machine use
 * @param certificates issues signing certificates
 */
record CredentialFiles(Path directory, String region, String host, int apiPort, Certificates certificates) {

    /** Writes an account's files. */
    void write(AccessKey key, boolean first) throws IOException {
        writeTo(directory.resolve(key.account().name()), key);
        if (first) {
            for (String name : new String[] {"cert.pem", "pk.pem"}) {
                copy(directory.resolve(key.account().name()).resolve(name), directory.resolve(name));
            }
            writeTo(directory, key);
        }
    }

    /** The directory of an account's files. */
    Path of(String accountName) {
        return directory.resolve(accountName);
    }

    private void writeTo(Path target, AccessKey key) throws IOException {
        if (!Files.isDirectory(target)) {
            Files.createDirectories(
                    target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.exists(target.resolve("pk.pem")) || !Files.exists(target.resolve("cert.pem"))) {
            Certificates.Pair pair = certificates.issue(key);
            write(target.resolve("cert.pem"), pair.certificate());
            write(target.resolve("pk.pem"), pair.privateKey());
        }
        write(target.resolve("cloud-cert.pem"), certificates.cloudCertificate());
        write(target.resolve("s3cfg"), s3cfg(key));
        write(target.resolve("rclone.conf"), rclone(key));
        write(target.resolve("aws-config"), awsConfig());
        write(target.resolve("aws-credentials"), awsCredentials(key));
        write(target.resolve("jarrahrc"), jarrahrc(target, key));
        write(target.resolve("jarrahrc.guest"), guest(key));
    }

    private String endpoint() {
        return "http://" + host + ":" + apiPort;
    }

    /** The end of a URL's path under which the historical tools look for a service. */
    private String historical(String base, String service) {
        return base + "/services/" + service;
    }

    private String jarrahrc(Path target, AccessKey key) {
        String here = target.toAbsolutePath().toString();
        return """
                # Sourced by a shell: . %1$s/jarrahrc
                # The aws CLI, boto3, Terraform, s3cmd, rclone, euca2ools and ec2-ami-tools then speak to this region.
                export JARRAH_CREDENTIALS='%1$s'
                export AWS_ACCESS_KEY_ID='%2$s'
                export AWS_SECRET_ACCESS_KEY='%3$s'
                export AWS_REGION='%4$s'
                export AWS_DEFAULT_REGION='%4$s'
                export AWS_ENDPOINT_URL='%5$s'
                export AWS_CONFIG_FILE='%1$s/aws-config'
                export AWS_SHARED_CREDENTIALS_FILE='%1$s/aws-credentials'
                export AWS_EC2_METADATA_DISABLED=true
                unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
                export S3CMD_CONFIG='%1$s/s3cfg'
                s3cmd() { command s3cmd -c "$S3CMD_CONFIG" "$@"; }
                export RCLONE_CONFIG='%1$s/rclone.conf'
                """.formatted(here, key.id(), key.secret(), region, endpoint())
                + historicalVariables(endpoint(), here, key);
    }

    private String historicalVariables(String base, String here, AccessKey key) {
        return """
                export EC2_URL='%1$s'
                export S3_URL='%2$s'
                export EUARE_URL='%3$s'
                export TOKEN_URL='%4$s'
                export AWS_IAM_URL='%3$s'
                export EC2_ACCESS_KEY='%5$s'
                export EC2_SECRET_KEY='%6$s'
                export EC2_USER_ID='%7$s'
                export EC2_ACCOUNT_NUMBER='%7$s'
                export EC2_CERT='%8$s/cert.pem'
                export EC2_PRIVATE_KEY='%8$s/pk.pem'
                export EUCALYPTUS_CERT='%8$s/cloud-cert.pem'
                """.formatted(
                        historical(base, "compute"),
                        historical(base, "objectstorage"),
                        historical(base, "Euare"),
                        historical(base, "Tokens"),
                        key.id(),
                        key.secret(),
                        key.account().id(),
                        here);
    }

    /** For guests, which reach the API by the region's own name; certificates lie beside the file wherever it is copied. */
    private String guest(AccessKey key) {
        String base = "http://api." + region + ".jarrah.internal:8773";
        return """
                # For use inside instances; copy cert.pem, pk.pem and cloud-cert.pem beside it. Sourced by a shell.
                JARRAH_CREDENTIALS=${JARRAH_CREDENTIALS:-$PWD}
                export AWS_ACCESS_KEY_ID='%1$s'
                export AWS_SECRET_ACCESS_KEY='%2$s'
                export AWS_REGION='%3$s'
                export AWS_DEFAULT_REGION='%3$s'
                export AWS_ENDPOINT_URL='%4$s'
                """.formatted(key.id(), key.secret(), region, base)
                + historicalVariables(base, "$JARRAH_CREDENTIALS", key)
                        .replace("'$JARRAH_CREDENTIALS/", "\"$JARRAH_CREDENTIALS\"'/");
    }

    private String s3cfg(AccessKey key) {
        return """
                [default]
                access_key = %1$s
                secret_key = %2$s
                host_base = %3$s:%4$d
                host_bucket = %3$s:%4$d
                bucket_location = %5$s
                use_https = False
                signature_v2 = False
                enable_multipart = True
                """.formatted(key.id(), key.secret(), host, apiPort, region);
    }

    private String rclone(AccessKey key) {
        return """
                [jarrah]
                type = s3
                provider = Other
                access_key_id = %s
                secret_access_key = %s
                endpoint = %s
                region = %s
                force_path_style = true
                """.formatted(key.id(), key.secret(), endpoint(), region);
    }

    private String awsConfig() {
        return """
                [default]
                region = %s
                endpoint_url = %s
                s3 =
                  addressing_style = path
                  signature_version = s3v4
                """.formatted(region, endpoint());
    }

    private static String awsCredentials(AccessKey key) {
        return """
                [default]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                """.formatted(key.id(), key.secret());
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(to)) {
            write(to, Files.readString(from, StandardCharsets.US_ASCII));
        }
    }

    /** Whole or not at all, for its owner alone. */
    private static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel out = FileChannel.open(
                temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
