#!/bin/sh
# Packs jarrah for guests that have no Java: a runtime made by jlink, jarrah.jar, and the C library with its loader, so that
# a guest needs no more than a Linux kernel and a shell.
#
#   examples/pack-jarrah.sh DIRECTORY      then copy DIRECTORY anywhere, and run DIRECTORY/jarrah
#
# JAVA_HOME names a JDK 25 (default: the one of java on the PATH), JAR the jar (default: what ./jarrah builds).
set -eu

HERE=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
JAR=${JAR:-$HERE/../server/target/jarrah.jar}
JAVA_HOME=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.unsupported,jdk.zipfs
pack=$1

[ -f "$JAR" ] || {
    echo "pack-jarrah.sh: no $JAR: build it with ./jarrah --version" >&2
    exit 1
}
mkdir -p "$pack/lib"
# Classes ready to be mapped halve the start where translated code is slow.
"$JAVA_HOME/bin/jlink" --add-modules "$MODULES" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --generate-cds-archive --output "$pack/runtime" >/dev/null
cp "$JAR" "$pack/jarrah.jar"
# Debian's Java also wants its zlib. What the runtime brings itself is found beside it.
for file in "$pack/runtime/bin/java" "$pack"/runtime/lib/*.so "$pack/runtime/lib/server/libjvm.so"; do
    ldd "$file"
done | grep -o '/[^ ]*' | sort -u | while read -r library; do
    case $library in
        "$pack"/* | */runtime/*) ;;
        *:) ;;
        *) cp -L "$library" "$pack/lib/" ;;
    esac
done
cat >"$pack/jarrah" <<'TEXT'
#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
case ${0##*/} in
    ec2-* | euca-*) set -- "${0##*/}" "$@" ;;
esac
# What lies outside the Java heap may have half of the machine.
half=256
while read -r name kib _; do
    [ "$name" != MemTotal: ] || half=$((kib / 2048))
done </proc/meminfo
[ "$half" -gt 256 ] || half=256
exec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$here/runtime/bin/java" -XX:+UseSerialGC -Xmx128m \
    "-XX:MaxDirectMemorySize=${half}m" -XX:TrimNativeHeapInterval=30000 --enable-native-access=ALL-UNNAMED -jar "$here/jarrah.jar" "$@"
TEXT
chmod 755 "$pack/jarrah"
