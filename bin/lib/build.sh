# Builds with Maven, only what is out of date. To be sourced after common.sh, packages.sh and jdk.sh.
# shellcheck shell=bash

readonly SERVER_JAR="$REPO/fn-server/target/fn-server.jar"
readonly FUNCTION_JAR="$REPO/functions/java/target/fn-test-function.jar"

# Whether a file exists and is newer than all sources of the build; with folders, than the sources in those.
is_up_to_date() {
  local product="$1"
  shift
  [[ -s "$product" ]] || return 1
  local places=("$@")
  [[ ${#places[@]} -gt 0 ]] || places=("$REPO"/proto "$REPO"/fn-*/)
  [[ -z "$(find "$REPO/pom.xml" "${places[@]}" \( -name target -o -path '*/src/test' \) -prune -o -type f \
    \( -path '*/src/*' -o -name pom.xml -o -name '*.proto' \) -newer "$product" -print -quit)" ]]
}

# Runs Maven quietly; shows the end of its output if it fails.
maven() {
  ensure_commands mvn:maven
  mkdir -p "$STATE_DIR/logs"
  local log="$STATE_DIR/logs/maven.log"
  if ! (cd "$REPO" && mvn -q -B "$@") >"$log" 2>&1 </dev/null 9>&-; then
    show_log_tail "$log" 60
    die "the build failed (mvn $*): see $log"
  fi
}

build_server() {
  if ! is_up_to_date "$SERVER_JAR"; then
    say "Building the server (the first time, Maven loads its libraries: some minutes)"
    maven -pl fn-server -am package -DskipTests
    [[ -s "$SERVER_JAR" ]] || die "the build made no $SERVER_JAR"
    touch "$SERVER_JAR"
  fi
}

build_test_function() {
  if ! is_up_to_date "$FUNCTION_JAR" "$REPO/functions/java"; then
    say "Building the Java function"
    maven -pl functions/java -am package -DskipTests
    [[ -s "$FUNCTION_JAR" ]] || die "the build made no $FUNCTION_JAR"
    touch "$FUNCTION_JAR"
  fi
}
