#!/bin/sh
# An accelerated bucket, with s3cmd and curl alone: files move into a bucket, a cache at a good URL takes the load,
# rules say who may read what, and an overwritten object is never served again.
#
#   ./jarrah up --config examples/accelerated-bucket.yaml        in one terminal
#   examples/accelerated-bucket.sh                                in another
#
# The server's data directory is taken from JARRAH_DATA (default ~/.jarrah), its accelerator from ACCELERATOR
# (default http://127.0.0.1:8080), its metrics from OPERATIONS (default http://127.0.0.1:8774).
set -eu

DATA=${JARRAH_DATA:-$HOME/.jarrah}
ACCELERATOR=${ACCELERATOR:-http://127.0.0.1:8080}
OPERATIONS=${OPERATIONS:-http://127.0.0.1:8774}
. "$DATA/credentials/jarrahrc"

BUCKET=tools-archive
HOST=files.example.com
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n== %s\n' "$*"; }
prove() { printf '   proved: %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# fetch PATH [curl arguments]: the body in $work/body, the head in $work/head, the status in $status
fetch() {
    path=$1
    shift
    status=$(curl --silent --show-error --max-time 20 --path-as-is -H "Host: $HOST" -D "$work/head" -o "$work/body" \
        -w '%{http_code}' "$@" "$ACCELERATOR$path")
}
header() { tr -d '\r' <"$work/head" | sed -n "s/^$1: //Ip" | head -n 1; }
expect() { [ "$status" = "$1" ] || fail "$path answered $status, not $1: $(head -c 300 "$work/body")"; }
cache() { case $(header Cache-Status) in *"$1"*) ;; *) fail "$path: Cache-Status is '$(header Cache-Status)', not $1" ;; esac; }
# How many GETs of objects the store has answered so far.
store_reads() { curl --silent --max-time 20 "$OPERATIONS/metrics" | sed -n 's/^jarrah_s3_requests_total{.*operation="GetObject".*} //p' | awk '{n += $1} END {printf "%d", n}'; }

step "1. A bucket: s3cmd mb s3://$BUCKET"
s3cmd mb "s3://$BUCKET"
s3cmd ls | grep -q "s3://$BUCKET" || fail "the bucket is not listed"
prove "the bucket exists"

step "2. Public objects with their types: s3cmd put --acl-public --guess-mime-type"
mkdir "$work/src"
printf '<!doctype html><title>Tools</title>\n' >"$work/src/index.html"
head -c 3000000 /dev/urandom >"$work/src/tool-1.0"
tar -C "$work/src" -czf "$work/tool-1.0.tar.gz" tool-1.0
printf 'not for everyone\n' >"$work/src/signing.key"
s3cmd put --acl-public --guess-mime-type "$work/src/index.html" "s3://$BUCKET/releases/index.html"
s3cmd put --acl-public --guess-mime-type "$work/tool-1.0.tar.gz" "s3://$BUCKET/releases/tool 1.0+ü.tar.gz"
s3cmd put --acl-public "$work/src/signing.key" "s3://$BUCKET/releases/signing.key"
s3cmd put "$work/src/index.html" "s3://$BUCKET/releases/private.html"
s3cmd info "s3://$BUCKET/releases/index.html" | grep -q 'MIME type: *text/html' || fail "the content type was not kept"
prove "objects are stored with their content types"

step "3. A URL that people like: $ACCELERATOR/tools/... as $HOST"
fetch "/tools/tool%201.0+%C3%BC.tar.gz"
expect 200
cmp -s "$work/body" "$work/tool-1.0.tar.gz" || fail "the bytes differ"
prove "the object comes from the bucket and prefix that host and path stand for"
reads=$(store_reads)
fetch "/tools/tool%201.0+%C3%BC.tar.gz"
expect 200
cache "; hit"
cmp -s "$work/body" "$work/tool-1.0.tar.gz" || fail "the cached bytes differ"
[ "$(store_reads)" = "$reads" ] || fail "the second request reached the store"
prove "the second request is a hit that does not reach the object store"
fetch "/tools/tool%201.0+%C3%BC.tar.gz" -H "Range: bytes=1000-1999"
expect 206
dd if="$work/tool-1.0.tar.gz" bs=1000 skip=1 count=1 2>/dev/null | cmp -s - "$work/body" || fail "the range differs"
prove "ranges come from the cache"
etag=$(header ETag)
fetch "/tools/tool%201.0+%C3%BC.tar.gz" -H "If-None-Match: $etag"
expect 304
prove "a client that has it is told so (304)"

step "4. Rules: who may read what"
fetch "/tools/signing.key"
expect 403
fetch "/tools/%73igning%2Ekey"
expect 403
prove "*.key is denied, however it is spelled, although the object is public"
fetch "/tools/private.html"
expect 403
prove "an object that is not public stays private behind the cache"
fetch "/tools/index.html" -X DELETE
expect 405
prove "only GET and HEAD are let through"
fetch "/elsewhere/index.html"
expect 404
prove "paths of no site are not found"

step "5. Overwrite and delete: the old bytes are gone at once"
fetch "/tools/index.html"
fetch "/tools/index.html"
cache "; hit"
printf '<!doctype html><title>New</title>\n' >"$work/src/index.html"
s3cmd put --acl-public --guess-mime-type "$work/src/index.html" "s3://$BUCKET/releases/index.html"
fetch "/tools/index.html"
expect 200
cmp -s "$work/body" "$work/src/index.html" || fail "the old object was served after the overwrite"
prove "the very next request after an overwrite gets the new bytes"
s3cmd setacl --acl-private "s3://$BUCKET/releases/index.html"
fetch "/tools/index.html"
expect 403
prove "making it private takes effect at once, on a cached object too"
s3cmd del "s3://$BUCKET/releases/tool 1.0+ü.tar.gz"
fetch "/tools/tool%201.0+%C3%BC.tar.gz"
case $status in 403 | 404) ;; *) fail "a deleted object was answered with $status" ;; esac
prove "a deleted object is never served again"

s3cmd del --recursive --force "s3://$BUCKET/" >/dev/null
s3cmd rb "s3://$BUCKET"
printf '\nAll of it holds.\n'
