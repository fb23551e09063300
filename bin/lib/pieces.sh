# Measures the pieces of a call with JMH. To be sourced after common.sh, build.sh and nodes.sh.
# shellcheck shell=bash

# Prints the figures of all pieces. Argument: a file for them as JSON.
measure_pieces() {
  local module="$REPO/fn-benchmarks"
  say "Building the benchmarks"
  maven -pl fn-benchmarks -am package -DskipTests
  say "Measuring the pieces, for some two minutes"
  "$JAVA_HOME/bin/java" "${NODE_JVM_OPTIONS[@]}" --enable-native-access=ALL-UNNAMED \
    -Dlogback.configurationFile="$REPO/config/logback-test.xml" -cp "$module/target/test-classes:$(<"$module/target/classpath")" \
    dev.fncluster.benchmarks.Pieces "$1" || die "the benchmarks failed"
}
