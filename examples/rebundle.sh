#!/bin/sh
# Runs inside an instance, with curl, openssl, tar and gzip alone: fetches a bundle from one region, opens it, bundles the
# image for another region, uploads and registers it there. examples/hybrid-cloud.sh copies it in.
#
#   rebundle.sh BUCKET MANIFEST KERNEL RAMDISK      in a directory with from/ and to/
#
# from/ and to/ hold what lies in a region's credentials: jarrahrc.guest, cert.pem, pk.pem, cloud-cert.pem.
set -eu

BUCKET=$1
MANIFEST=$2
KERNEL=$3
RAMDISK=$4
NEW_BUCKET=rebundled
PART_BYTES=10485760
# By path: a busybox shell would take its own tar and split, which know neither sparse files nor numbered parts.
TAR=/usr/bin/tar
SPLIT=/usr/bin/split

say() { printf 'rebundle: %s\n' "$*"; }
fail() {
    printf 'rebundle: FAILED: %s\n' "$*" >&2
    exit 1
}

# s3 from|to PATH [curl arguments]
s3() {
    side=$1
    path=$2
    shift 2
    (
        . "./$side/jarrahrc.guest"
        curl --silent --show-error --fail --max-time 300 --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
            --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" \
            "$@" "$AWS_ENDPOINT_URL/$path"
    )
}
# Elements of the manifest, which has no spaces between them.
elements() { tr '<' '\n' <old/manifest | sed -n "s/^$1\( [^>]*\)\{0,1\}>//p"; }
element() { elements "$1" | head -n 1; }
hex() { xxd -p | tr -d '\n'; }
open_key() { element "$1" | xxd -r -p | openssl pkeyutl -decrypt -inkey from/pk.pem; }
sha1() { sha1sum "$1" | cut -d ' ' -f 1; }

mkdir -p old new
say "download $BUCKET/$MANIFEST"
s3 from "$BUCKET/$MANIFEST" -o old/manifest
elements filename >old/names
elements digest | tail -n +2 >old/digests
paste old/names old/digests | while read -r name digest; do
    s3 from "$BUCKET/$name" -o "old/$name"
    [ "$(sha1 "old/$name")" = "$digest" ] || fail "$name is not what the manifest says"
    say "downloaded $name"
done

say "unbundle"
name=$(elements name | tail -n 1)
(cd old && xargs cat <names) | openssl enc -d -aes-128-cbc -K "$(open_key user_encrypted_key)" \
    -iv "$(open_key user_encrypted_iv)" | gzip -dc >old/tar
[ "$(sha1 old/tar)" = "$(element digest)" ] || fail "the image is not what the manifest says"
$TAR -C old -xf old/tar
[ "$(stat -c %s "old/$name")" = "$(element size)" ] || fail "the image's size is not what the manifest says"
rm -f old/tar old/"$name".part.*
say "image sha256 $(sha256sum "old/$name" | cut -d ' ' -f 1)"

say "bundle for $(. ./to/jarrahrc.guest && echo "$AWS_REGION")"
$TAR -C old -c --sparse --format=gnu --owner=0 --group=0 --numeric-owner -f new/tar "$name"
key=$(openssl rand -hex 16)
iv=$(openssl rand -hex 16)
digest=$(sha1 new/tar)
gzip -1 -c new/tar | openssl enc -aes-128-cbc -K "$key" -iv "$iv" >new/bundle
bundled=$(stat -c %s new/bundle)
rm new/tar
(cd new && $SPLIT -b "$PART_BYTES" -d -a 2 bundle "$name.part." && rm bundle)

seal() { printf %s "$2" | openssl pkeyutl -encrypt -certin -inkey "to/$1" | hex; }
account=$(. ./to/jarrahrc.guest && echo "$EC2_ACCOUNT_NUMBER")
machine="<machine_configuration><architecture>x86_64</architecture><kernel_id>$KERNEL</kernel_id>"
machine="$machine<ramdisk_id>$RAMDISK</ramdisk_id></machine_configuration>"
image="<image><name>$name</name><user>$account</user><type>machine</type><digest algorithm='SHA1'>$digest</digest>"
image="$image<size>$(stat -c %s "old/$name")</size><bundled_size>$bundled</bundled_size>"
image="$image<ec2_encrypted_key algorithm='AES-128-CBC'>$(seal cloud-cert.pem "$key")</ec2_encrypted_key>"
image="$image<user_encrypted_key algorithm='AES-128-CBC'>$(seal cert.pem "$key")</user_encrypted_key>"
image="$image<ec2_encrypted_iv>$(seal cloud-cert.pem "$iv")</ec2_encrypted_iv>"
image="$image<user_encrypted_iv>$(seal cert.pem "$iv")</user_encrypted_iv>"
(cd new && ls) >old/parts
image="$image<parts count='$(wc -l <old/parts | tr -d ' ')'>"
index=0
while read -r part; do
    image="$image<part index='$index'><filename>$part</filename>"
    image="$image<digest algorithm='SHA1'>$(sha1 "new/$part")</digest></part>"
    index=$((index + 1))
done <old/parts
image="$image</parts></image>"
signature=$(printf '%s%s' "$machine" "$image" | openssl dgst -sha1 -sign to/pk.pem | hex)
bundler="<bundler><name>rebundle.sh</name><version>1</version><release>0</release></bundler>"
printf '%s' "<?xml version='1.0'?><manifest><version>2007-10-10</version>$bundler$machine$image" \
    "<signature>$signature</signature></manifest>" >"new/$name.manifest.xml"

say "upload to $NEW_BUCKET"
s3 to "$NEW_BUCKET" -X PUT -o /dev/null
while read -r part; do
    s3 to "$NEW_BUCKET/$part" -T "new/$part" -o /dev/null
    say "uploaded $part"
done <old/parts
s3 to "$NEW_BUCKET/$name.manifest.xml" -T "new/$name.manifest.xml" -o /dev/null

say "register"
(
    . ./to/jarrahrc.guest
    curl --silent --show-error --max-time 120 --aws-sigv4 "aws:amz:$AWS_REGION:ec2" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
        --data "Action=RegisterImage&Version=2016-11-15&Name=rebundled&ImageLocation=$NEW_BUCKET/$name.manifest.xml" \
        "$AWS_ENDPOINT_URL/"
) >old/answer
sed -n 's/.*<imageId>\(.*\)<\/imageId>.*/IMAGE \1/p' old/answer | grep IMAGE || fail "$(cat old/answer)"
