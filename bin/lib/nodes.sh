# Starts the nodes of a cluster on this machine as background processes. To be sourced after the other libraries.
# shellcheck shell=bash

# Modest memory, so that a whole cluster fits on a small machine. With Unsafe, Netty's buffers are faster (decision 0026).
readonly NODE_JVM_OPTIONS=(-XX:+UseSerialGC -Xmx256m -XX:MaxDirectMemorySize=256m
  -XX:+ExitOnOutOfMemoryError --sun-misc-unsafe-memory-access=allow)

readonly AOT_CACHE="${SERVER_JAR%.jar}.aot"

# Has a JVM rehearse calls and write what it has learnt. Argument: seconds of rehearsal.
record_aot_cache() {
  local log="$STATE_DIR/logs/aot-cache.log"
  mkdir -p "$STATE_DIR/logs"
  say "Rehearsing calls for $1 s, for the JVM's start-up cache"
  rm -f "$AOT_CACHE"
  "$JAVA_HOME/bin/java" "${NODE_JVM_OPTIONS[@]}" -XX:AOTCacheOutput="$AOT_CACHE" -cp "$SERVER_JAR" \
    dev.fncluster.server.rehearsal.RehearsalMain "$1" >"$log" 2>&1 </dev/null ||
    { show_log_tail "$log" 30; die "the rehearsal failed: see $log"; }
  [[ -s "$AOT_CACHE" ]] || die "the JVM wrote no $AOT_CACHE: see $log"
}

# Empty starts nodes without the cache.
USE_AOT_CACHE=yes

# Starts a node. Arguments: pid file, log, jar, settings as NAME=value.
# No FN_ setting of this shell reaches it: a cluster is what the script says.
start_node() {
  local pid_file="$1" log="$2" jar="$3" name
  shift 3
  local unset_options=()
  while read -r name; do
    unset_options+=("-u" "$name")
  done < <(compgen -e | grep '^FN_' || true)
  local cache=()
  # A copy of the jar will do, if it is as old.
  if [[ -n "$USE_AOT_CACHE" && "$AOT_CACHE" -nt "$SERVER_JAR" ]]; then
    cache=("-XX:AOTCache=$AOT_CACHE")
  fi
  start_process "$pid_file" "$log" env "${unset_options[@]}" "$@" "$JAVA_HOME/bin/java" "${NODE_JVM_OPTIONS[@]}" \
    "${cache[@]}" -jar "$jar"
}

# A folder for the Unix sockets of a runner. A socket's path must not exceed 107 bytes, and the runner adds to it.
socket_folder() {
  local wanted="$1"
  if [[ "${#wanted}" -gt 60 ]]; then
    wanted="${TMPDIR:-/tmp}/fn-$(printf '%s' "$1" | sha256sum | cut -c 1-16)"
  fi
  mkdir -p "$wanted"
  chmod 755 "$wanted"
  printf '%s\n' "$wanted"
}

# The memory in bytes that one of so many runners on this machine may give to containers: its share of half of what is
# free now, but room for some containers.
runner_memory() {
  local count="$1" kilobytes share floor=$((512 << 20))
  kilobytes="$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
  share=$((kilobytes * 1024 / 2 / count))
  printf '%s\n' "$((share > floor ? share : floor))"
}
