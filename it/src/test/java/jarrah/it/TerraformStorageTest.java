package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Terraform's S3 resources, where terraform and a plugin directory with its AWS provider are found: in {@code
 * JARRAH_TF_PLUGINS}, {@code TF_PLUGIN_DIR} or {@code ~/.terraform.d/plugins}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerraformStorageTest {
    private static final String PROVIDER = "registry.terraform.io/hashicorp/aws";

    private final Path directory;
    private final Path plugins;
    private final Region region;
    private final Shell shell;

    TerraformStorageTest(@TempDir Path directory) throws IOException {
        Shell.require("terraform", "TerraformStorageTest");
        Optional<Path> found = plugins();
        if (found.isEmpty()) {
            Shell.notRun("TerraformStorageTest", "no plugin directory with Terraform's AWS provider");
        }
        plugins = found.orElseThrow();
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
    }

    private static Optional<Path> plugins() {
        List<String> places = new ArrayList<>();
        Stream.of("JARRAH_TF_PLUGINS", "TF_PLUGIN_DIR").map(System::getenv).forEach(places::add);
        places.add(System.getProperty("user.home") + "/.terraform.d/plugins");
        return places.stream()
                .filter(place -> place != null && !place.isEmpty())
                .map(Path::of)
                .filter(place -> Files.isDirectory(place.resolve(PROVIDER)))
                .findFirst();
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void whatIsAppliedIsThereAndNothingIsLeftToDo() throws Exception {
        Files.writeString(
                directory.resolve("main.tf"),
                MAIN.replace("ENDPOINT", region.api().toString()));
        Map<String, String> environment = Map.of("CHECKPOINT_DISABLE", "1");
        shell.run("terraform init -no-color -plugin-dir='" + plugins + "'", environment);
        assertThat(shell.run("terraform apply -no-color -auto-approve", environment))
                .contains("body = \"hello\"");
        // Exit code 2 would say that there is a difference.
        shell.run("terraform plan -no-color -detailed-exitcode", environment);
        assertThat(shell.run("aws s3api get-bucket-versioning --bucket terraform-all"))
                .contains("Enabled");
        shell.run("terraform destroy -no-color -auto-approve", environment);
        assertThat(shell.run("aws s3 ls")).doesNotContain("terraform-all");
    }

    private static final String MAIN = """
            terraform {
              required_providers { aws = { source = "hashicorp/aws" } }
            }
            provider "aws" {
              region = "us-east-1"
              s3_use_path_style = true
              skip_metadata_api_check = true
              endpoints {
                s3 = "ENDPOINT"
                sts = "ENDPOINT"
                iam = "ENDPOINT"
              }
            }
            resource "aws_s3_bucket" "logs" {
              bucket = "terraform-logs"
              force_destroy = true
            }
            resource "aws_s3_bucket" "all" {
              bucket = "terraform-all"
              force_destroy = true
              object_lock_enabled = true
              tags = { team = "a", env = "test" }
            }
            resource "aws_s3_bucket_versioning" "all" {
              bucket = aws_s3_bucket.all.id
              versioning_configuration { status = "Enabled" }
            }
            resource "aws_s3_bucket_object_lock_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              rule {
               default_retention {
                 mode = "GOVERNANCE"
                 days = 1
               }
              }
              depends_on = [aws_s3_bucket_versioning.all]
            }
            resource "aws_s3_bucket_lifecycle_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              rule {
                id = "old"
                status = "Enabled"
                filter { prefix = "tmp/" }
                expiration { days = 30 }
                noncurrent_version_expiration { noncurrent_days = 7 }
                abort_incomplete_multipart_upload { days_after_initiation = 3 }
              }
              depends_on = [aws_s3_bucket_versioning.all]
            }
            resource "aws_s3_bucket_cors_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              cors_rule {
                allowed_methods = ["GET", "PUT"]
                allowed_origins = ["https://example.com"]
                allowed_headers = ["*"]
                expose_headers = ["ETag"]
                max_age_seconds = 3000
              }
            }
            resource "aws_s3_bucket_website_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              index_document { suffix = "index.html" }
              error_document { key = "error.html" }
              routing_rule {
                condition { key_prefix_equals = "docs/" }
                redirect { replace_key_prefix_with = "documents/" }
              }
            }
            resource "aws_s3_bucket_policy" "all" {
              bucket = aws_s3_bucket.all.id
              policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "read", Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.all.arn}/*" }] })
              depends_on = [aws_s3_bucket_public_access_block.all]
            }
            resource "aws_s3_bucket_public_access_block" "all" {
              bucket = aws_s3_bucket.all.id
              block_public_acls = true
              ignore_public_acls = true
              block_public_policy = false
              restrict_public_buckets = false
            }
            resource "aws_s3_bucket_ownership_controls" "all" {
              bucket = aws_s3_bucket.all.id
              rule { object_ownership = "BucketOwnerPreferred" }
            }
            resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              rule {
                apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
              }
            }
            resource "aws_s3_bucket_logging" "all" {
              bucket = aws_s3_bucket.all.id
              target_bucket = aws_s3_bucket.logs.id
              target_prefix = "log/"
            }
            resource "aws_s3_bucket_acl" "logs" {
              bucket = aws_s3_bucket.logs.id
              acl = "log-delivery-write"
            }
            resource "aws_s3_bucket_request_payment_configuration" "all" {
              bucket = aws_s3_bucket.all.id
              payer = "Requester"
            }
            resource "aws_s3_object" "one" {
              bucket = aws_s3_bucket.logs.id
              key = "a/one.txt"
              content = "hello"
              content_type = "text/plain"
              metadata = { k = "v" }
            }
            resource "aws_s3_object" "tagged" {
              bucket = aws_s3_bucket.logs.id
              key = "a/tagged.txt"
              content = "tagged"
              tags = { a = "b" }
            }
            resource "aws_s3_object_copy" "two" {
              bucket = aws_s3_bucket.logs.id
              key = "a/two.txt"
              source = "${aws_s3_bucket.logs.id}/${aws_s3_object.one.key}"
            }
            data "aws_s3_object" "one" {
              bucket = aws_s3_bucket.logs.id
              key = aws_s3_object.one.key
            }
            output "body" { value = data.aws_s3_object.one.body }
            """;
}
