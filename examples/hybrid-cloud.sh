#!/bin/sh
# A hybrid cloud on one machine: an EBS-backed image runs in region A, is bundled, migrated to region B and run there; then
# an instance of B fetches the bundle from A by itself, bundles it anew for B, and the result boots. With the aws CLI, ssh,
# curl, openssl and jarrah alone.
#
#   examples/hybrid-cloud.sh
#
# Starts both regions with data of their own, and takes everything down at the end. Needs root (networks of their own), QEMU,
# the aws CLI and a JDK with jlink. JARRAH names the command (default: ./jarrah of this checkout), WORK a directory to keep,
# PACKED=no leaves out the last step, which takes longer than all others where machines are emulated.
set -eu

HERE=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
JARRAH=${JARRAH:-$HERE/../jarrah}
REGION_A=us-east-1
REGION_B=eu-west-1
PORT_A=${PORT_A:-18773}
PORT_B=${PORT_B:-28773}
TYPE=${TYPE:-m1.small}
BOOT_SECONDS=${BOOT_SECONDS:-180}
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"

step() { printf '\n== %s\n' "$*"; }
prove() { printf '   proved: %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

pid_a=
pid_b=
down() {
    for pid in $pid_a $pid_b; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    done
    for region in a b; do
        if [ -d "$work/$region" ]; then
            JARRAH_DATA= "$JARRAH" destroy --data "$work/$region" --yes >/dev/null || true
        fi
    done
    [ -n "${WORK:-}" ] || rm -rf "$work"
}
trap down EXIT
trap 'exit 1' INT TERM

# start NAME REGION PORT PEER PEER-PORT: the region runs in the background; its process id is in $!
start() {
    printf 'peers:\n  - {region: %s, endpoint: "http://127.0.0.1:%s"}\n' "$4" "$5" >"$work/$1.yaml"
    "$JARRAH" up --data "$work/$1" --region "$2" --api-port "$3" --accelerator-port 0 --console-port 0 \
        --config "$work/$1.yaml" >"$work/$1.log" 2>&1 &
}
await_up() { # name pid
    tries=0
    until grep -q '^Ctrl-C' "$work/$1.log"; do
        tries=$((tries + 1))
        kill -0 "$2" 2>/dev/null && [ $tries -lt 300 ] || fail "region $1 did not start: $(tail -n 5 "$work/$1.log")"
        sleep 1
    done
}
# in_region a|b COMMAND...: with that region's credentials
in_region() {
    region=$1
    shift
    (
        . "$work/$region/credentials/jarrahrc"
        export JARRAH_DATA="$work/$region"
        "$@"
    )
}
# await_console a|b INSTANCE TEXT
await_console() {
    seconds=0
    until in_region "$1" aws ec2 get-console-output --instance-id "$2" --latest --query Output --output text |
        tee "$work/console" | grep -q "$3"; do
        state=$(in_region "$1" aws ec2 describe-instances --instance-ids "$2" \
            --query 'Reservations[].Instances[].[State.Name,StateReason.Message]' --output text)
        case $state in
            pending* | running*) ;;
            *) fail "$2 is $state" ;;
        esac
        seconds=$((seconds + 2))
        [ $seconds -lt "$BOOT_SECONDS" ] || fail "$2 did not say $3: $(tail -n 5 "$work/console")"
        sleep 2
    done
}
address() { # a|b INSTANCE
    in_region "$1" aws ec2 describe-instances --instance-ids "$2" \
        --query 'Reservations[].Instances[].PublicIpAddress' --output text
}
# run a|b IMAGE [arguments]: prints the instance's id
run() {
    where=$1
    what=$2
    shift 2
    in_region "$where" aws ec2 run-instances --image-id "$what" --instance-type "$TYPE" "$@" \
        --query 'Instances[0].InstanceId' --output text
}
# A host key is new with every instance, and its address was another's.
SSH="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=20"

step "0. Regions A ($REGION_A) and B ($REGION_B), each the other's peer"
start a "$REGION_A" "$PORT_A" "$REGION_B" "$PORT_B"
pid_a=$!
await_up a "$pid_a"
start b "$REGION_B" "$PORT_B" "$REGION_A" "$PORT_A"
pid_b=$!
await_up b "$pid_b"
in_region a aws ec2 describe-regions --query 'Regions[].RegionName' --output text | grep -q "$REGION_B" ||
    fail "A does not name its peer"
prove "both are up, and describe-regions of A names B"
in_region a "$JARRAH" image add-tiny --ebs

step "1. Zones of A"
in_region a aws ec2 describe-availability-zones --query 'AvailabilityZones[].[ZoneName,State]' --output text |
    grep -q "${REGION_A}a.available" || fail "no zone is available"
prove "the zones are listed as available"

step "2. A key pair, 3. port 22 for the group default"
in_region a aws ec2 create-key-pair --key-name traveller --query KeyMaterial --output text >"$work/a.pem"
chmod 600 "$work/a.pem"
ssh-keygen -y -f "$work/a.pem" >/dev/null || fail "ssh does not accept the private key"
in_region a aws ec2 authorize-security-group-ingress --group-name default --protocol tcp --port 22 --cidr 0.0.0.0/0 >/dev/null
prove "ssh accepts the private key; the group lets port 22 in"

step "4. The EBS-backed image of A"
image=$(in_region a aws ec2 describe-images --owners self --filters Name=root-device-type,Values=ebs \
    Name=image-type,Values=machine --query 'Images[0].ImageId' --output text)
in_region a aws ec2 describe-images --image-ids "$image" --query \
    'Images[0].[RootDeviceType,State,Architecture,KernelId,BlockDeviceMappings[0].DeviceName,BlockDeviceMappings[0].Ebs.SnapshotId,BlockDeviceMappings[1].DeviceName,BlockDeviceMappings[1].VirtualName]' \
    --output text | tee "$work/image"
grep -q 'ebs.available.x86_64.aki-.*/dev/sda1.snap-.*/dev/sdb.ephemeral0' "$work/image" || fail "the image is not described whole"
prove "it shows its kernel, its snapshot at /dev/sda1 and ephemeral0 at /dev/sdb"

step "5. Run it in A, reach it by ssh"
first=$(run a "$image" --key-name traveller)
await_console a "$first" TINY-READY
first_address=$(address a "$first")
# shellcheck disable=SC2086
ssh $SSH -i "$work/a.pem" "root@$first_address" 'echo "written in A" > /root/story && sync && cat /sys/block/*/serial' >"$work/serials"
volume=$(in_region a aws ec2 describe-volumes --filters "Name=attachment.instance-id,Values=$first" \
    --query 'Volumes[0].VolumeId' --output text)
grep -q "$(printf %s "$volume" | tr -d -)" "$work/serials" || fail "the guest does not see the volume $volume"
prove "a virtual machine booted from a volume of the snapshot; ssh works with the key; its disk is $volume"

step "6. Bundle its root from outside"
mkdir -p "$work/bundle"
in_region a "$JARRAH" image bundle "$first" -p image -d "$work/bundle"
(cd "$work/bundle" && ls image.part.* && ls image.manifest.xml) >/dev/null || fail "no parts or no manifest"
prove "parts and a signed manifest lie in $work/bundle"
in_region a aws ec2 terminate-instances --instance-ids "$first" >/dev/null
in_region a "$JARRAH" image upload -b bundles -m "$work/bundle/image.manifest.xml" --batch
prove "the bundle lies in a bucket of A"

step "7. Kernel and ramdisk of B: bundle, upload, register (10)"
register_part() { # kernel|ramdisk FILE
    in_region b "$JARRAH" euca-bundle-image -i "$2" "--$1" true -d "$work/parts" -r x86_64 >/dev/null
    name=$(basename "$2")
    in_region b "$JARRAH" euca-upload-bundle -b "boot-$1" -m "$work/parts/$name.manifest.xml" >/dev/null
    in_region b "$JARRAH" euca-register "boot-$1/$name.manifest.xml" -n "$1-of-b" | cut -f 2
}
mkdir -p "$work/parts"
kernel=$(register_part kernel "$(echo "$work"/a/tiny/tiny-*/vmlinuz)")
ramdisk=$(register_part ramdisk "$(echo "$work"/a/tiny/tiny-*/ramdisk.gz)")
case "$kernel $ramdisk" in
    aki-*" "ari-*) prove "$kernel and $ramdisk exist in B" ;;
    *) fail "not a kernel and a ramdisk: $kernel $ramdisk" ;;
esac

step "8. Migrate the manifest to B, upload and register it there (7, 8, 9)"
mkdir -p "$work/migrated"
cp "$work"/bundle/image.* "$work/migrated/"
in_region a "$JARRAH" image migrate-manifest -m "$work/migrated/image.manifest.xml" --no-mapping \
    --kernel "$kernel" --ramdisk "$ramdisk" --ec2cert "$work/b/credentials/cloud-cert.pem" --batch
in_region b aws iam upload-signing-certificate --certificate-body "file://$work/a/credentials/cert.pem" >/dev/null
in_region b "$JARRAH" image upload -b migrated -m "$work/migrated/image.manifest.xml" --batch
migrated=$(in_region b "$JARRAH" image register migrated/image.manifest.xml -n from-a | cut -f 2)
in_region b aws ec2 wait image-available --image-ids "$migrated"
in_region b aws ec2 describe-images --image-ids "$migrated" --query 'Images[0].RootDeviceType' --output text |
    grep -q instance-store || fail "$migrated is not of type instance-store"
prove "B opened what was encrypted for A's user, checked the signature, and has $migrated"

step "9. Key pair and port 22 in B (11), run with user data (12)"
ssh-keygen -y -f "$work/a.pem" >"$work/a.pub"
in_region b aws ec2 import-key-pair --key-name traveller --public-key-material "fileb://$work/a.pub" >/dev/null
in_region b aws ec2 authorize-security-group-ingress --group-name default --protocol tcp --port 22 --cidr 0.0.0.0/0 >/dev/null
printf '#!/bin/sh\necho "USER-DATA of B ran; story: $(cat /root/story)"\n' >"$work/user-data"
second=$(run b "$migrated" --key-name traveller --user-data "file://$work/user-data")
await_console b "$second" TINY-READY
grep -q 'USER-DATA of B ran; story: written in A' "$work/console" || fail "the user data did not run: $(tail -n 3 "$work/console")"
prove "the image of A runs in B, with what was written in A; its user data ran"
second_address=$(address b "$second")
# shellcheck disable=SC2086
ssh $SSH -i "$work/a.pem" "root@$second_address" 'cat /sys/block/vdb/size' >"$work/ephemeral"
[ "$(cat "$work/ephemeral")" -gt 1000000 ] || fail "there is no ephemeral disk"
prove "the ephemeral disk follows the type: $(($(cat "$work/ephemeral") / 2000000)) GB for $TYPE"

step "10. Inside that instance: fetch the bundle from A, open it, bundle it for B, register it (13 to 15)"
mkdir -p "$work/in/from" "$work/in/to"
for name in jarrahrc.guest cert.pem pk.pem cloud-cert.pem; do
    cp "$work/a/credentials/$name" "$work/in/from/"
    cp "$work/b/credentials/$name" "$work/in/to/"
done
cp "$HERE/rebundle.sh" "$work/in/"
# shellcheck disable=SC2086
ssh $SSH -i "$work/a.pem" "root@$second_address" 'mke2fs /dev/vdb 1048576 >/dev/null 2>&1; mkdir -p /mnt && mount /dev/vdb /mnt'
# shellcheck disable=SC2086
scp -O -q -r $SSH -i "$work/a.pem" "$work/in" "root@$second_address:/mnt/"
# shellcheck disable=SC2086
ssh $SSH -i "$work/a.pem" "root@$second_address" \
    "cd /mnt/in && sh rebundle.sh bundles image.manifest.xml $kernel $ramdisk" >"$work/rebundle.txt" ||
    fail "the instance could not do it: $(tail -n 3 "$work/rebundle.txt")"
cat "$work/rebundle.txt"
in_region a "$JARRAH" image unbundle -m "$work/bundle/image.manifest.xml" -s "$work/bundle" -d "$work/parts" >/dev/null
[ "$(sed -n 's/.*sha256 //p' "$work/rebundle.txt")" = "$(sha256sum "$work/parts/image" | cut -d ' ' -f 1)" ] ||
    fail "the image that the instance unbundled is not the one that was bundled"
prove "guests reach both regions by name; the raw image is the same byte for byte"
rebundled=$(sed -n 's/^IMAGE //p' "$work/rebundle.txt")
in_region b aws ec2 wait image-available --image-ids "$rebundled"
third=$(run b "$rebundled" --key-name traveller)
await_console b "$third" "TINY-READY id=$third"
prove "$rebundled, made inside B, boots in B"

if [ "${PACKED:-yes}" = yes ]; then
    step "11. The same inside that instance with the historical commands, by a jarrah that is packed with its own Java"
    "$HERE/pack-jarrah.sh" "$work/pack"
    cp "$HERE/rebundle-by-jarrah.sh" "$work/in/"
    # shellcheck disable=SC2086
    tar -C "$work" -c pack in/rebundle-by-jarrah.sh | ssh $SSH -i "$work/a.pem" "root@$second_address" \
        "rm -r /mnt/in/old /mnt/in/new && tar -C /mnt -x"
    # shellcheck disable=SC2086
    ssh $SSH -i "$work/a.pem" "root@$second_address" \
        "cd /mnt/in && sh rebundle-by-jarrah.sh /mnt/pack/jarrah bundles image $kernel $ramdisk" >"$work/by-jarrah.txt" 2>&1 ||
        fail "the packed jarrah could not do it: $(tail -n 3 "$work/by-jarrah.txt")"
    cat "$work/by-jarrah.txt"
    [ "$(sed -n 's/^image sha256 //p' "$work/by-jarrah.txt")" = "$(sha256sum "$work/parts/image" | cut -d ' ' -f 1)" ] ||
        fail "the image that the packed jarrah unbundled is not the one that was bundled"
    by_jarrah=$(sed -n 's/^IMAGE[[:space:]]*//p' "$work/by-jarrah.txt")
    in_region b aws ec2 wait image-available --image-ids "$by_jarrah"
    fourth=$(run b "$by_jarrah" --key-name traveller)
    await_console b "$fourth" "TINY-READY id=$fourth"
    prove "$by_jarrah, made inside B by jarrah and no other program, boots in B"
fi

step "Done"
# shellcheck disable=SC2086
in_region b aws ec2 terminate-instances --instance-ids "$second" "$third" ${fourth:-} >/dev/null
printf 'All of it holds.\n'
