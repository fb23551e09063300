# How nodes start, with the JVM's start-up cache and without it: time until they are ready, memory, and how fast a
# cluster is in its first seconds. To be sourced after the other libraries.
# shellcheck shell=bash

readonly FIRST_SECONDS=30
readonly START_UP_WAYS=(with without)

# Writes "node milliseconds megabytes" to start-up-WAY and requests in each second to seconds-WAY, for both ways.
# Argument: memory of a runner in bytes.
measure_start_up() {
  local way node url
  for way in "${START_UP_WAYS[@]}"; do
    say "Start-up $way the JVM's start-up cache, and the first $FIRST_SECONDS s of load"
    USE_AOT_CACHE=""
    if [[ "$way" == with ]]; then
      USE_AOT_CACHE=yes
    fi
    start_cluster fresh- "$1"
    for node in "${CLUSTER_NODES[@]}"; do
      printf '%s %s %s\n' "$node" "$(start_millis "fresh-$node")" "$(node_megabytes "fresh-$node" VmRSS)"
    done >"$WORK_DIR/start-up-$way"
    url="$(make_function first 300)"
    fill_containers "$url" "$CONTAINERS" "$TAG-fresh-runner-1" "$TAG-fresh-runner-2"
    load_by_second "$WORK_DIR/post.lua" "$url" 8 "$((FIRST_SECONDS + 1))" | cut -d ' ' -f "1-$FIRST_SECONDS" >"$WORK_DIR/seconds-$way"
    stop_cluster fresh-
    rm -f "$WORK_DIR"/fresh-fn.db*
  done
  USE_AOT_CACHE=yes
}

# From the start of its program until a node was ready, as it logs it.
start_millis() {
  sed -n 's/.* ready node=.* start_millis="\([0-9]*\)".*/\1/p' "$WORK_DIR/logs/$1.log" | grep . ||
    die "the log of $1 does not tell how long its start took"
}

# Requests per second of the first seconds. Arguments: way, seconds.
first_rate() {
  cut -d ' ' -f "1-$2" "$WORK_DIR/seconds-$1" | awk '{ for (i = 1; i <= NF; i++) sum += $i; printf "%.0f\n", sum / NF }'
}

report_start_up() {
  local node seconds
  printf '\n%-34s %12s %12s %12s %12s\n' "start-up cache:" "with, ms" "without, ms" "with, MB" "without, MB"
  for node in "${CLUSTER_NODES[@]}"; do
    printf '%-34s %12s %12s %12s %12s\n' "$node is ready, memory then" "$(start_up with "$node" 2)" \
      "$(start_up without "$node" 2)" "$(start_up with "$node" 3)" "$(start_up without "$node" 3)"
  done
  printf '\n%-34s %12s %12s\n' "start-up cache:" "with" "without"
  for seconds in 5 10 30; do
    printf '%-34s %12s %12s\n' "requests/s of the first $seconds s at 8" "$(first_rate with "$seconds")" "$(first_rate without "$seconds")"
  done
}

# A number of a node. Arguments: way, node, column.
start_up() {
  awk -v node="$2" -v column="$3" '$1 == node { print $column }' "$WORK_DIR/start-up-$1"
}

start_up_as_json() {
  local way node separator
  printf '  "start_up": {'
  for way in "${START_UP_WAYS[@]}"; do
    printf '"%s_cache": {' "$way"
    for node in "${CLUSTER_NODES[@]}"; do
      printf '"%s": {"ready_millis": %s, "megabytes": %s}, ' "${node//-/_}" "$(start_up "$way" "$node" 2)" "$(start_up "$way" "$node" 3)"
    done
    printf '"requests_per_second": {"first_5": %s, "first_10": %s, "first_30": %s}, ' "$(first_rate "$way" 5)" \
      "$(first_rate "$way" 10)" "$(first_rate "$way" 30)"
    separator=", "
    [[ "$way" != without ]] || separator=""
    printf '"requests_by_second": [%s]}%s' "$(tr ' ' , <"$WORK_DIR/seconds-$way")" "$separator"
  done
  printf '},\n'
}
