# Sourced by ./jarrah test [--long]: installs what the tests need, where it may, and runs all of them.
# What cannot run here is named at the end; nothing is left out in silence.

long=
case ${1:-} in
    "") ;;
    --long) long=yes ;;
    --help | -h)
        cat <<'TEXT'
Usage: ./jarrah test [--long]

Runs every test of the house: units, contracts with faults, the server with its real clients (aws CLI,
s3cmd, rclone, curl), and the scripts in examples/. Within 30 minutes on two cores.

  --long   also the campaigns: thousands of kills, fuzzing, large data. Takes hours.

Examples:
  ./jarrah test
  ./jarrah mvn -pl s3 -am test                     one room and those below it
  ./jarrah mvn -pl it -am test -Dtest=S3cmdTest -Dsurefire.failIfNoSpecifiedTests=false
TEXT
        exit 0
        ;;
    *) die "unknown option $1; see ./jarrah test --help" ;;
esac

want_client() { # command package
    command -v "$1" >/dev/null 2>&1 && return 0
    if may_install; then
        apt_install "$2" || true
    fi
    command -v "$1" >/dev/null 2>&1 || say "not installed: $1 (its tests will be reported as not run)"
}

want_client curl curl
want_client s3cmd s3cmd
want_client rclone rclone
want_client aws awscli
want_client openssl openssl
want_client qemu-system-x86_64 qemu-system-x86
want_client qemu-img qemu-utils
want_client ssh openssh-client
want_client ip iproute2
want_client nft nftables
want_client mkfs.ext4 e2fsprogs
want_client ss iproute2
want_client busybox busybox-static
want_client haproxy haproxy
want_client pebble pebble

if [ -n "$long" ]; then
    maven -B -ntp -fae verify -Dtest.excluded= -Djarrah.long=true
else
    maven -B -ntp -fae verify
fi
touch "$JAR"

TAB=$(printf '\t')
# Every test that was skipped, with its reason, from the reports.
not_run=$(cat "$HOME_DIR"/*/target/surefire-reports/TEST-*.xml 2>/dev/null | tr '\n' ' ' |
    sed 's/<testcase /\n<testcase /g' |
    sed -n "s/^<testcase name=\"\([^\"]*\)\" classname=\"\([^\"]*\)\"[^>]*> *<skipped[^>]*>\(<!\[CDATA\[\)\{0,1\}\([^<$TAB]*\).*/\2 \1: \4/p" |
    sed 's/org.opentest4j.TestAbortedException: //; s/Assumption failed: //; s/ *$//' | sort -u)
if [ -n "$not_run" ]; then
    say "not run on this machine:"
    printf '%s\n' "$not_run" | sed 's/^/  /' >&2
fi
