# Sourced by ./jarrah bench: installs the peers, where it may, and measures; writes docs/benchmarks.md.

case ${1:-} in
    --help | -h)
        cat <<'TEXT'
Usage: ./jarrah bench [--quick] [--only start|gets|caches|peers|puts|bundles|machines] [--keys N] [--output FILE]

Measures Jarrah beside nginx, Varnish, S3Proxy, S3Mock and a bundling pipeline; writes docs/benchmarks.md (about 30 minutes on two cores).

  --quick        fewer and shorter passes, a smaller bucket: for a look, not for publishing
  --only PART    one part alone
  --keys N       size of the bucket that is listed (a million; with --quick 20,000)
  --output FILE  write there instead

Examples:
  ./jarrah bench
  ./jarrah bench --quick --output /tmp/figures.md
TEXT
        exit 0
        ;;
esac

PATH=$PATH:/usr/sbin
need_tool wrk wrk
need_tool nginx nginx-light
need_tool varnishd varnish
want_tool pigz pigz "bundling is compared with gzip"
want_tool qemu-system-x86_64 qemu-system-x86 "machines are not measured"
want_tool qemu-img qemu-utils "machines are not measured"
want_tool ip iproute2 "instances have no network of their own"
want_tool nft nftables "instances have no network of their own"
built || build
rehearse
PEERS=$HOME_DIR/bench/target/peers
for peer in s3proxy s3mock; do
    [ -d "$PEERS/$peer" ] && continue
    if maven -B -q -f "bench/peers/$peer.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
        "-DoutputDirectory=$PEERS/$peer.new" >/dev/null 2>&1; then
        mv "$PEERS/$peer.new" "$PEERS/$peer"
    else
        say "$peer cannot be fetched: Jarrah is not measured beside it"
    fi
done
maven -B -q -pl bench -am package -DskipTests -Dspotless.check.skip=true >/dev/null
(cd "$HOME_DIR" && exec "$JAVA_HOME/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$JAR:$HOME_DIR/bench/target/classes" jarrah.bench.Bench "$@")
