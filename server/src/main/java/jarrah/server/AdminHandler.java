package jarrah.server;

import jarrah.aws.AwsException;
import jarrah.aws.AwsTime;
import jarrah.ec2.compute.Compute;
import jarrah.http.Exchange;
import jarrah.iam.AccessKey;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.iam.IamException;
import jarrah.iam.NewAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API, for what AWS has no API for: JSON over HTTP, on the unix socket in the data directory for its owner alone,
 * and on the operations port for operators who sign ({@link RemoteAdmin}).
 *
 * <pre>
 *   GET  /accounts   {accounts: [{id, name, canonicalId, created}]}
 *   POST /accounts   {name, id?, accessKeyId?, secretAccessKey?, email?} -> {id, name, accessKeyId, secretAccessKey, credentials}
 *   POST /images     {file, name, type?, ebs?, kernel?, ramdisk?, profile?, architecture?, public?, account?} -> lines
 *   POST /images/tiny        {ebs?, account?} -> image: {imageId, name, kernelId?, ramdiskId?, snapshotId?}
 *   GET  /storage            {buckets: [{name, classes: [...]}], uploads, ...}: what is stored
 *   POST /storage/quota      {bucket, maxObjects?, maxBytes?, remove?} -> {bucket, maxObjects, maxBytes, objects, bytes}
 *   POST /storage/verify     {deep?} -> lines ({@link StorageAdmin})
 *   POST /storage/scrub      {} -> lines
 *   .... /accelerator/...    {@link AcceleratorAdmin}
 *   POST /instances/ID/copy  {file, account?}: writes the instance's root disk into the file
 * </pre>
 *
 * <p>A refusal is {@code {code, message}} with AWS's code and status.
 */
record AdminHandler(
        Accounts accounts,
        CredentialFiles files,
        Compute compute,
        Path images,
        StorageAdmin storage,
        AcceleratorAdmin accelerator)
        implements AdminCalls {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern COPY = Pattern.compile("POST /instances/(i-[0-9a-f]+)/copy");

    @Override
    public void handle(Exchange exchange, String call, byte[] body) throws IOException {
        if (AcceleratorAdmin.has(call)) {
            accelerator.handle(exchange, call, body);
            return;
        }
        try {
            switch (call) {
                case "GET /accounts" -> AdminJson.answer(exchange, 200, list());
                case "POST /accounts" -> AdminJson.answer(exchange, 200, create(read(body)));
                case "POST /images" -> {
                    JsonNode request = read(body);
                    imageAdmin().add(exchange, account(request), request);
                }
                case "POST /images/tiny" -> {
                    JsonNode request = read(body);
                    boolean ebs = request.path("ebs").asBoolean(false);
                    AdminJson.answer(exchange, 200, imageAdmin().tiny(account(request), ebs));
                }
                case "GET /storage" -> AdminJson.answer(exchange, 200, storage.stats());
                case "POST /storage/verify" ->
                    storage.verify(exchange, read(body).path("deep").asBoolean(false));
                case "POST /storage/quota" -> AdminJson.answer(exchange, 200, storage.quota(read(body)));
                case "POST /storage/scrub" -> storage.scrub(exchange);
                default -> other(exchange, call, body);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.abort();
        } catch (AwsException e) {
            AdminJson.refuse(exchange, e.status(), e.code(), e.text());
        } catch (JacksonException e) {
            AdminJson.refuse(exchange, 400, "ValidationError", "The request is not a small JSON object.");
        } catch (IOException e) {
            if (exchange.committed()) {
                throw e;
            }
            AdminJson.refuse(exchange, 500, "InternalError", String.valueOf(e.getMessage()));
        }
    }

    private void other(Exchange exchange, String call, byte[] body) throws IOException, InterruptedException {
        Matcher copy = COPY.matcher(call);
        if (!copy.matches()) {
            AdminJson.refuse(exchange, 404, "NotFound", "There is no call " + call + ".");
            return;
        }
        JsonNode request = read(body);
        Path file = Path.of(request.path("file").asString(""));
        if (!file.isAbsolute() || (Files.exists(file) && Files.size(file) > 0)) {
            throw new IamException.ValidationError("The copy goes into a new file with an absolute path.");
        }
        Files.deleteIfExists(file);
        compute.copyRoot(account(request), copy.group(1), file);
        AdminJson.answer(exchange, 200, JSON.createObjectNode().put("file", file.toString()));
    }

    private ImageAdmin imageAdmin() {
        return new ImageAdmin(compute, images.resolveSibling("tiny"));
    }

    /** The account that a call is for: by name or id, the first one unless told. */
    private String account(JsonNode request) {
        String name = request.path("account").asString(Cloud.FIRST_ACCOUNT);
        Account account = accounts.findByName(name);
        account = account == null ? accounts.find(name) : account;
        if (account == null) {
            throw new IamException.NoSuchEntity("There is no account " + name + ".");
        }
        return account.id();
    }

    private static JsonNode read(byte[] body) {
        JsonNode node = JSON.readTree(body);
        if (!node.isObject()) {
            throw new IamException.ValidationError("The request is not a JSON object.");
        }
        return node;
    }

    private ObjectNode list() {
        ObjectNode answer = JSON.createObjectNode();
        var list = answer.putArray("accounts");
        for (Account account : accounts.list()) {
            list.addObject()
                    .put("id", account.id())
                    .put("name", account.name())
                    .put("canonicalId", account.canonicalId())
                    .put("created", AwsTime.isoSeconds(account.created()));
        }
        return answer;
    }

    private ObjectNode create(JsonNode request) throws IOException {
        AccessKey key = accounts.create(new NewAccount(
                request.path("name").asString(""),
                optional(request, "id"),
                optional(request, "accessKeyId"),
                optional(request, "secretAccessKey"),
                optional(request, "email")));
        files.write(key, false);
        return JSON.createObjectNode()
                .put("id", key.account().id())
                .put("name", key.account().name())
                .put("accessKeyId", key.id())
                .put("secretAccessKey", key.secret())
                .put(
                        "credentials",
                        files.of(key.account().name()).toAbsolutePath().toString());
    }

    private static Optional<String> optional(JsonNode request, String name) {
        return request.has(name) ? Optional.of(request.path(name).asString("")) : Optional.empty();
    }
}
