#!/bin/sh
# An accelerator node that comes up by itself: a fresh instance finds a script in its user data, which fetches a packed jarrah
# and serves what a configuration in a private bucket says.
#
#   examples/accelerator-node.sh
#
# Starts a region with data of its own, and takes it down at the end. Needs root (networks of their own), QEMU, the aws CLI
# and a JDK with jlink. JARRAH names the command (default: ./jarrah of this checkout), WORK a directory to keep.
set -eu

HERE=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
JARRAH=${JARRAH:-$HERE/../jarrah}
PORT=${PORT:-38773}
BOOT_SECONDS=${BOOT_SECONDS:-600}
GUEST_ENDPOINT=http://api.us-east-1.jarrah.internal:8773
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"

step() { printf '\n== %s\n' "$*"; }
prove() { printf '   proved: %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
pid=
down() {
    [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; }
    [ ! -d "$work/region" ] || JARRAH_DATA= "$JARRAH" destroy --data "$work/region" --yes >/dev/null || true
    [ -n "${WORK:-}" ] || rm -rf "$work"
}
trap down EXIT
trap 'exit 1' INT TERM

step "1. A region, with private buckets"
"$JARRAH" up --data "$work/region" --api-port "$PORT" --accelerator-port 0 --console-port 0 >"$work/region.log" 2>&1 &
pid=$!
tries=0
until grep -q '^Ctrl-C' "$work/region.log"; do
    tries=$((tries + 1))
    kill -0 "$pid" 2>/dev/null && [ $tries -lt 300 ] || fail "the region did not start: $(tail -n 5 "$work/region.log")"
    sleep 1
done
. "$work/region/credentials/jarrahrc"
export JARRAH_DATA="$work/region"
for bucket in nodes archive; do
    aws s3 mb "s3://$bucket" >/dev/null
done
echo "one of many tools" >"$work/tool.txt"
aws s3 cp --quiet "$work/tool.txt" s3://archive/releases/tool.txt
configure() {
    cat >"$work/accelerator.yaml" <<TEXT
memory-limit: 32MiB
file-limit: 256MiB
sites:
  - name: tools
    path: /tools/
    origin: {s3: "$GUEST_ENDPOINT", bucket: archive, prefix: releases/, credentials: env}
    cache: {ttl: 1h, grace: 1h}
    headers: {set: {X-Configuration: "$1"}}
TEXT
    aws s3 cp --quiet "$work/accelerator.yaml" s3://nodes/accelerator.yaml
}
configure first
"$HERE/pack-jarrah.sh" "$work/pack"
tar -C "$work" -czf "$work/pack.tar.gz" pack
aws s3 cp --quiet "$work/pack.tar.gz" s3://nodes/pack.tar.gz

step "2. A user for nodes, who may read these and nothing else"
aws iam create-user --user-name node >/dev/null
aws iam put-user-policy --user-name node --policy-name read --policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject",
     "Resource": ["arn:aws:s3:::nodes/accelerator.yaml", "arn:aws:s3:::archive/releases/*"]}]}'
set -- $(aws iam create-access-key --user-name node --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
pack_url=$(aws s3 presign --endpoint-url "$GUEST_ENDPOINT" --expires-in 3600 s3://nodes/pack.tar.gz)
sed -e "s|@ACCESS_KEY_ID@|$1|" -e "s|@SECRET_ACCESS_KEY@|$2|" -e 's|@REGION@|us-east-1|' -e "s|@ENDPOINT@|$GUEST_ENDPOINT|" \
    -e "s|@PACK_URL@|$(printf %s "$pack_url" | sed 's/&/\\&/g')|" -e 's|@CONFIG@|s3://nodes/accelerator.yaml|' \
    "$HERE/accelerator-node/user-data" >"$work/user-data"

step "3. A fresh instance with that user data"
"$JARRAH" image add-tiny >/dev/null
image=$(aws ec2 describe-images --owners self --filters Name=image-type,Values=machine --query 'Images[0].ImageId' --output text)
aws ec2 authorize-security-group-ingress --group-name default --protocol tcp --port 80 --cidr 0.0.0.0/0 >/dev/null
instance=$(aws ec2 run-instances --image-id "$image" --instance-type m1.small --user-data "file://$work/user-data" \
    --query 'Instances[0].InstanceId' --output text)
seconds=0
until aws ec2 get-console-output --instance-id "$instance" --latest --query Output --output text >"$work/console" &&
    grep -q NODE-READY "$work/console"; do
    ! grep -q NODE-FAILED "$work/console" || fail "$(tail -n 8 "$work/console")"
    seconds=$((seconds + 5))
    [ $seconds -lt "$BOOT_SECONDS" ] || fail "no node after $seconds s: $(tail -n 8 "$work/console")"
    sleep 5
done
address=$(aws ec2 describe-instances --instance-ids "$instance" --query 'Reservations[].Instances[].PublicIpAddress' --output text)
prove "the instance made itself a node"

step "4. It serves the private bucket at a name that people like"
curl -fsS -D "$work/head" "http://$address/tools/tool.txt" | grep -q 'one of many tools' || fail "$(cat "$work/head")"
curl -fsS -D "$work/head" "http://$address/tools/tool.txt" | grep -q 'one of many tools' || fail "$(cat "$work/head")"
grep -qi '^cache-status: jarrah; hit' "$work/head" || fail "not a hit: $(cat "$work/head")"
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/archive/releases/tool.txt")" = 403 ] ||
    fail "the bucket is not private"
prove "the second request is a hit; the bucket itself is closed to strangers"

step "5. Its configuration changes in the bucket"
grep -qi '^x-configuration: first' "$work/head" || fail "$(cat "$work/head")"
configure second
seconds=0
until curl -fsS -o /dev/null -D "$work/head" "http://$address/tools/tool.txt" && grep -qi '^x-configuration: second' "$work/head"; do
    seconds=$((seconds + 1))
    [ $seconds -lt 60 ] || fail "the node did not read it anew"
    sleep 1
done
prove "the node took it up by itself"
aws ec2 terminate-instances --instance-ids "$instance" >/dev/null
printf '\nAll of it holds.\n'
