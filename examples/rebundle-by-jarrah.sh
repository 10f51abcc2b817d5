#!/bin/sh
# Runs inside an instance that has a packed jarrah (pack-jarrah.sh): the historical commands fetch a bundle from one region,
# open it, bundle the image for another region, upload and register it there. examples/hybrid-cloud.sh copies it in.
#
#   rebundle-by-jarrah.sh JARRAH BUCKET PREFIX KERNEL RAMDISK      in a directory with from/ and to/
#
# from/ and to/ hold what lies in a region's credentials: jarrahrc.guest, cert.pem, pk.pem, cloud-cert.pem.
set -eu

JARRAH=$1
BUCKET=$2
PREFIX=$3
KERNEL=$4
RAMDISK=$5
NEW_BUCKET=rebundled-by-jarrah

# region from|to: this shell's commands speak to it, as its account
region() {
    JARRAH_CREDENTIALS=$PWD/$1
    . "./$1/jarrahrc.guest"
}

mkdir -p fetched opened bundled
region from
"$JARRAH" ec2-download-bundle -b "$BUCKET" -p "$PREFIX" -d fetched -a "$AWS_ACCESS_KEY_ID" -s "$AWS_SECRET_ACCESS_KEY" \
    -k from/pk.pem --url "$S3_URL"
"$JARRAH" ec2-unbundle -m "fetched/$PREFIX.manifest.xml" -s fetched -d opened -k from/pk.pem
rm -r fetched
echo "image sha256 $(sha256sum "opened/$PREFIX" | cut -d ' ' -f 1)"

region to
"$JARRAH" ec2-bundle-image -i "opened/$PREFIX" -d bundled -r x86_64 -u "$EC2_USER_ID" -c to/cert.pem -k to/pk.pem \
    --ec2cert to/cloud-cert.pem --kernel "$KERNEL" --ramdisk "$RAMDISK"
"$JARRAH" ec2-upload-bundle -b "$NEW_BUCKET" -m "bundled/$PREFIX.manifest.xml" -a "$AWS_ACCESS_KEY_ID" \
    -s "$AWS_SECRET_ACCESS_KEY" --url "$S3_URL" --location "$AWS_REGION"
"$JARRAH" ec2-register "$NEW_BUCKET/$PREFIX.manifest.xml" -n rebundled-by-jarrah
