# The figures of bin/bench as a table and as JSON. To be sourced after the other libraries; the caller has MODE, the arrays
# with the figures of loads, and all others in files.
# shellcheck shell=bash

middle() {
  tr ' ' '\n' <<<"$1" | grep . | median
}

throughput() {
  awk -v requests="${REQUESTS[$1]}" -v micros="${DURATION[$1]}" 'BEGIN { printf "%.0f\n", requests * 1e6 / micros }'
}

# The median of the numbers in a file of the work folder.
median_of() {
  median <"$WORK_DIR/$1"
}

# A number in a file of "name number". Arguments: file, name.
number_of() {
  awk -v name="$2" '$1 == name { print $2 }' "$WORK_DIR/$1"
}

# The ratio of two figures of loads. Arguments: P50 or P99, key, key to divide by.
latency_ratio() {
  local -n of="$1"
  quotient "$(middle "${of[$2]}")" "$(middle "${of[$3]}")"
}

throughput_ratio() {
  quotient "$(throughput "$1")" "$(throughput "$2")"
}

# The ratio of a burst onto a cold function to three times the same burst when warm and one cold start.
burst_ratio() {
  quotient "$(median_of burst-cold)" "$(($(median_of burst-warm | cut -d . -f 1) * 3 + $(median_of burst-start | cut -d . -f 1)))"
}

thaw_millis() {
  awk -v frozen="$(median_of thaw-frozen)" -v warm="$(median_of thaw-warm)" 'BEGIN { printf "%.2f\n", (frozen - warm) / 1000 }'
}

check_errors() {
  local containers key
  containers="$(<"$WORK_DIR/containers")"
  [[ "$containers" == "$CONTAINERS" ]] ||
    detail "WARNING: the cluster ran $containers containers, the limit $CONTAINERS: the ratios do not compare like with like"
  for key in "${!ERRORS[@]}"; do
    [[ "${ERRORS[$key]}" == 0 ]] || detail "WARNING: ${ERRORS[$key]} of ${REQUESTS[$key]} requests failed: $key connection(s)"
  done
}

# A line of the table. Arguments: what, limit, cluster, ratio.
row() {
  printf '%-34s %12s %12s %8s\n' "$@"
}

report() {
  local count
  printf '\n'
  row "" limit cluster ratio
  for count in "${CONNECTIONS[@]}"; do
    row "p50 at $count connection(s), µs" "$(middle "${P50[limit-$count]}")" "$(middle "${P50[cluster-$count]}")" \
      "$(latency_ratio P50 "cluster-$count" "limit-$count")"
    row "p99 at $count connection(s), µs" "$(middle "${P99[limit-$count]}")" "$(middle "${P99[cluster-$count]}")" \
      "$(latency_ratio P99 "cluster-$count" "limit-$count")"
    row "requests/s at $count connection(s)" "$(throughput "limit-$count")" "$(throughput "cluster-$count")" \
      "$(throughput_ratio "cluster-$count" "limit-$count")"
  done
  row "requests/s, 32 over 8 connections" "$(throughput_ratio limit-32 limit-8)" "$(throughput_ratio cluster-32 cluster-8)" ""
  row "cold start, ms (bare docker run)" "$(median_of cold-bare)" "$(median_of cold-cluster)" \
    "$(quotient "$(median_of cold-cluster)" "$(median_of cold-bare)")"
  row "cold start, ms (joined namespace)" "$(median_of cold-joined)" "$(median_of cold-cluster)" \
    "$(quotient "$(median_of cold-cluster)" "$(median_of cold-joined)")"
  row "function containers" "$CONTAINERS" "$(<"$WORK_DIR/containers")" ""
  printf '\n'
  detail "parts of a cold start, ms: $(paste -s -d ' ' "$WORK_DIR/cold-parts")"
  detail "memory after the loads, MB: $(paste -s -d ' ' "$WORK_DIR/memory")"
  if [[ "$MODE" == full ]]; then
    report_relay
    report_full_nodes
    report_big_bodies
    report_start_up
  fi
  check_errors
}

# The same hops in nginx, beside the limit; and how much of that the cluster reaches.
report_relay() {
  local count
  printf '\n'
  row "" "nginx hops" "of the limit" cluster
  for count in "${CONNECTIONS[@]}"; do
    row "p50 at $count connection(s), µs" "$(middle "${P50[relay-$count]}")" "$(latency_ratio P50 "relay-$count" "limit-$count")" \
      "$(latency_ratio P50 "cluster-$count" "relay-$count")"
    row "requests/s at $count connection(s)" "$(throughput "relay-$count")" "$(throughput_ratio "relay-$count" "limit-$count")" \
      "$(throughput_ratio "cluster-$count" "relay-$count")"
  done
}

report_full_nodes() {
  printf '\n'
  row "" limit "full node" ratio
  row "requests/s at 8 connections" "$(throughput limit-beside-full-8)" "$(throughput full-8)" \
    "$(throughput_ratio full-8 limit-beside-full-8)"
  printf '\n'
  row "" warm frozen "adds, ms"
  row "one of $FROZEN_FUNCTIONS functions, p50, µs" "$(median_of thaw-warm)" "$(median_of thaw-frozen)" "$(thaw_millis)"
  printf '\n%-34s %12s %12s %12s %8s\n' "" "warm" "cold start" "cold burst" "ratio"
  printf '%-34s %12s %12s %12s %8s\n' "$BURST_CALLS calls at once, ms" "$(median_of burst-warm)" "$(median_of burst-start)" \
    "$(median_of burst-cold)" "$(burst_ratio)"
  detail "ratio: cold burst / (3 x warm + one cold start); containers started by a cold burst: $(paste -s -d ' ' "$WORK_DIR/burst-containers")"
}

# The numbers in a file of the work folder.
numbers_as_json() {
  paste -s -d , "$WORK_DIR/$1" | sed 's/.*/[&]/'
}

# The lines "name number" of a file of the work folder, without hyphens in the names.
named_numbers_as_json() {
  awk '{ gsub("-", "_", $1); printf "%s\"%s\": %s", NR == 1 ? "{" : ", ", $1, $2 } END { printf "}" }' "$WORK_DIR/$1"
}

side_as_json() {
  local side="$1" count key separator=""
  for count in "${CONNECTIONS[@]}"; do
    key="$side-$count"
    printf '%s"%s": {"p50_micros": %s, "p99_micros": %s, "requests_per_second": %s, "requests": %s, "errors": %s}' \
      "$separator" "$count" "$(middle "${P50[$key]}")" "$(middle "${P99[$key]}")" "$(throughput "$key")" \
      "${REQUESTS[$key]}" "${ERRORS[$key]}"
    separator=", "
  done
}

full_ratios_as_json() {
  [[ "$MODE" == full ]] || return 0
  printf ',\n    "full_node_throughput_at_8": %s,\n    "burst": %s,\n    "relay_limit_throughput_at_8": %s' \
    "$(throughput_ratio full-8 limit-beside-full-8)" "$(burst_ratio)" "$(throughput_ratio relay-8 limit-8)"
}

full_as_json() {
  [[ "$MODE" == full ]] || return 0
  printf '  "relay": {%s},\n' "$(side_as_json relay)"
  printf '  "full_node": {"requests_per_second_at_8": %s, "limit": %s},\n' "$(throughput full-8)" "$(throughput limit-beside-full-8)"
  printf '  "thaw": {"adds_millis": %s, "functions": %s},\n' "$(thaw_millis)" "$FROZEN_FUNCTIONS"
  printf '  "burst_millis": {"calls": %s, "cold": %s, "warm": %s, "cold_start": %s, "containers": %s},\n' "$BURST_CALLS" \
    "$(numbers_as_json burst-cold)" "$(numbers_as_json burst-warm)" "$(numbers_as_json burst-start)" \
    "$(numbers_as_json burst-containers)"
  big_bodies_as_json
  start_up_as_json
}

figures_as_json() {
  cat <<END
{
  "ratios": {
    "p50_at_1": $(latency_ratio P50 cluster-1 limit-1),
    "throughput_at_8": $(throughput_ratio cluster-8 limit-8),
    "p99_at_8": $(latency_ratio P99 cluster-8 limit-8),
    "throughput_32_over_8": $(throughput_ratio cluster-32 cluster-8),
    "cold_start": $(quotient "$(median_of cold-cluster)" "$(median_of cold-bare)"),
    "cold_start_joined_namespace": $(quotient "$(median_of cold-cluster)" "$(median_of cold-joined)")$(full_ratios_as_json)
  },
  "limit": {$(side_as_json limit)},
  "cluster": {$(side_as_json cluster)},
  "cold_start_millis": {
    "cluster": $(numbers_as_json cold-cluster),
    "bare": $(numbers_as_json cold-bare),
    "bare_joined_namespace": $(numbers_as_json cold-joined),
    "parts": $(named_numbers_as_json cold-parts)
  },
$(full_as_json)
  "memory_megabytes": $(named_numbers_as_json memory),
  "containers": {"limit": $CONTAINERS, "cluster": $(<"$WORK_DIR/containers")},
  "machine": {"processors": $(nproc), "time": "$(date --utc +%Y-%m-%dT%H:%M:%SZ)"}
}
END
}
