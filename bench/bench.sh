# Sourced by ./jarrah bench: installs the peers, where it may, and measures; writes docs/benchmarks.md.

case ${1:-} in
    --help | -h)
        cat <<'TEXT'
Usage: ./jarrah bench [--quick] [--only start|gets|puts] [--keys N] [--output FILE]

Measures Jarrah beside nginx and Varnish and writes docs/benchmarks.md (about 15 minutes on two cores).

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
built || build
rehearse
maven -B -q -pl bench -am package -DskipTests -Dspotless.check.skip=true >/dev/null
(cd "$HOME_DIR" && exec "$JAVA_HOME/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$JAR:$HOME_DIR/bench/target/classes" jarrah.bench.Bench "$@")
