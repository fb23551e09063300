# Big bodies through the cluster and through the limit, there and back. To be sourced after the other libraries.
# shellcheck shell=bash

# Size in MiB, and how often it is sent.
readonly BIG_BODIES=("1 100" "100 3")
# How often the smaller one is sent before, so that what it needs is compiled.
readonly BIG_WARM_UP=200
# The function keeps what it is sent in a file system in its memory.
readonly BIG_MEMORY=256
readonly BIG_NODES=(lb runner-1 runner-2)

# Writes "size limit cluster" to big-bodies, MiB a second in each direction, and to big-growth by how many MB the memory of
# a node grew at most: "node megabytes". Argument: limit's URL.
measure_big_bodies() {
  local limit_url="$1big" url each size times file="$WORK_DIR/body" node limit
  say "Big bodies, to the function and back, the limit and the cluster in turn"
  start_limit_of_big_bodies "$WORK_DIR/limit" "$TAG-limit" "${BIG_MEMORY}m"
  url="$(make_function big 300 "$BIG_MEMORY")"
  # Often enough that each runner has its container.
  head -c 1048576 /dev/zero >"$file"
  send_body "$limit_url" "$BIG_WARM_UP" "$file" >/dev/null
  send_body "$url" "$BIG_WARM_UP" "$file" >/dev/null
  for node in "${BIG_NODES[@]}"; do
    # From now on the kernel remembers the most.
    echo 5 >"/proc/$(live_pid "$WORK_DIR/run/$node.pid")/clear_refs"
    printf '%s %s\n' "$node" "$(node_megabytes "$node" VmRSS)"
  done >"$WORK_DIR/big-before"
  for each in "${BIG_BODIES[@]}"; do
    read -r size times <<<"$each"
    head -c "$((size << 20))" /dev/zero >"$file"
    limit="$(send_body "$limit_url" "$times" "$file")"
    printf '%s %s %s\n' "$size" "$(mebibytes_per_second "$size" "$times" "$limit")" \
      "$(mebibytes_per_second "$size" "$times" "$(send_body "$url" "$times" "$file")")"
  done >"$WORK_DIR/big-bodies"
  while read -r node size; do
    printf '%s %s\n' "$node" "$(($(node_megabytes "$node" VmHWM) - size))"
  done <"$WORK_DIR/big-before" >"$WORK_DIR/big-growth"
  rm -f "$file"
}

# Sends a file some times, one after the other on one connection, and prints the seconds it took. Arguments: URL, times,
# file.
send_body() {
  local answers
  answers="$(curl --silent --show-error --max-time 120 --output /dev/null --header 'Expect:' --data-binary "@$3" \
    --header 'Content-Type: application/octet-stream' --write-out '%{http_code} %{size_download} %{time_total}\n' "$1?call=[1-$2]")" ||
    die "a body of $(stat --format %s "$3") bytes to $1 got no answer"
  awk -v size="$(stat --format %s "$3")" '$1 != 200 || $2 != size { wrong = $0 } { sum += $3 }
    END { if (wrong) { print wrong; exit 1 } print sum }' <<<"$answers" ||
    die "a body of $(stat --format %s "$3") bytes to $1 did not come back: $answers"
}

mebibytes_per_second() {
  awk -v size="$1" -v times="$2" -v seconds="$3" 'BEGIN { printf "%.1f\n", size * times / seconds }'
}

report_big_bodies() {
  local size limit cluster
  printf '\n%-34s %12s %12s %8s\n' "" "limit" "cluster" "ratio"
  while read -r size limit cluster; do
    printf '%-34s %12s %12s %8s\n' "$size MiB there and back, MiB/s" "$limit" "$cluster" "$(quotient "$cluster" "$limit")"
  done <"$WORK_DIR/big-bodies"
  detail "memory grew meanwhile by at most, MB: $(paste -s -d ' ' "$WORK_DIR/big-growth")"
}

big_bodies_as_json() {
  awk '{ printf "%s\"%s_mib\": {\"limit_mib_per_second\": %s, \"mib_per_second\": %s}", NR == 1 ? "  \"big_bodies\": {" : ", ", $1, $2, $3 }
    END { printf "},\n" }' "$WORK_DIR/big-bodies"
  printf '  "big_bodies_growth_megabytes": %s,\n' "$(named_numbers_as_json big-growth)"
}
