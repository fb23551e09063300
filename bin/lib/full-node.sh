# What bin/bench --full measures on full nodes: throughput, thawing, and a burst onto a cold function.
# To be sourced after the other libraries.
# shellcheck shell=bash

readonly BURST_CALLS=200
readonly FROZEN_FUNCTIONS=100
declare -A FULL_URL FULL_APP

# Starts a full node. Arguments: work folder, name, label tag, room for so many containers of 128 MB.
start_full_node() {
  local folder="$1" name="$2" tag="$3" room="$4" port
  port="$(free_port)"
  FULL_URL[$name]="http://127.0.0.1:$port"
  start_node "$folder/run/$name.pid" "$folder/logs/$name.log" "$SERVER_JAR" FN_NODE_TYPE=full FN_PORT="$port" \
    FN_DB_URL="sqlite3://$folder/$name.db" FN_IOFS_PATH="$(socket_folder "$folder/iofs-$name")" \
    FN_CONTAINER_LABEL_TAG="$tag" FN_MAX_TOTAL_MEMORY_BYTES="$((room << 27))"
  wait_until_ready "$name" "${FULL_URL[$name]}/" 120 "$folder/run/$name.pid" "$folder/logs/$name.log"
  FULL_APP[$name]="$(ensure_app "${FULL_URL[$name]}" bench)"
}

# Makes a function on a full node and prints its URL. Arguments: node, function.
make_function_of_full_node() {
  local id
  id="$(ensure_fn "${FULL_URL[$1]}" "${FULL_APP[$1]}" "$2" "$JAVA_IMAGE" ',"memory":128,"timeout":60,"idle_timeout":600')"
  printf '%s\n' "${FULL_URL[$1]}/invoke/$id"
}

# Calls a URL and prints how many microseconds the answer took.
timed_call() {
  local answer
  answer="$(curl --silent --show-error --max-time 60 --output /dev/null --data-binary call \
    --write-out '%{http_code} %{time_total}' "$1")" || die "$1 gave no answer"
  [[ "${answer%% *}" == 200 ]] || die "$1 answered ${answer%% *}"
  awk '{ printf "%d\n", $2 * 1e6 }' <<<"$answer"
}

# Gives each of many functions a container, lets all freeze, and calls each twice: frozen, and at once again.
# Writes microseconds to $folder/thaw-frozen and $folder/thaw-warm. Arguments: work folder, node.
measure_thaw() {
  local folder="$1" node="$2" urls=() i
  say "Thaw: $FROZEN_FUNCTIONS functions with a frozen container each, called twice in turn"
  for ((i = 1; i <= FROZEN_FUNCTIONS; i++)); do
    urls+=("$(make_function_of_full_node "$node" "frozen-$i")")
    timed_call "${urls[-1]}" >/dev/null
  done
  wait_until_frozen "$node"
  for i in "${urls[@]}"; do
    timed_call "$i" >>"$folder/thaw-frozen"
    timed_call "$i" >>"$folder/thaw-warm"
  done
}

# Waits until the node's containers are frozen, all of them.
wait_until_frozen() {
  local began="$SECONDS"
  until [[ "$(frozen_containers "$1")" == "$FROZEN_FUNCTIONS" ]]; do
    ((SECONDS - began < 60)) || die "$(frozen_containers "$1") of $FROZEN_FUNCTIONS containers are frozen after 60 s"
    sleep 0.1
  done
}

frozen_containers() {
  curl --silent --show-error --max-time 30 "${FULL_URL[$1]}/metrics" |
    awk '/^fn_container_paused\{/ { sum += $NF } END { print sum + 0 }'
}

# Sends calls to a URL all at once; prints the milliseconds until the last answer. Ends the script if one fails.
burst() {
  local url="$1" began ended statuses
  began="$(now_millis)"
  statuses="$(curl --no-progress-meter --show-error --max-time 120 --parallel --parallel-immediate --parallel-max "$BURST_CALLS" \
    --data-binary burst --write-out '%{http_code}\n' --output /dev/null "$url?call=[1-$BURST_CALLS]")" ||
    die "a burst to $url got no answer"
  ended="$(now_millis)"
  [[ "$(sort <<<"$statuses" | uniq --count | tr -s ' ')" == " $BURST_CALLS 200" ]] ||
    die "a burst to $url was answered: $(sort <<<"$statuses" | uniq --count | tr -s ' ' | paste -s -d ,)"
  printf '%s\n' "$((ended - began))"
}

# A burst onto a function that has never run, one cold start of another, and a burst onto the first one again.
# Writes milliseconds to $folder/burst-{cold,start,warm}, containers to $folder/burst-containers. Arguments: work
# folder, node, label tag, rounds.
measure_burst() {
  local folder="$1" node="$2" tag="$3" rounds="$4" round url before
  say "Burst: $BURST_CALLS calls at once to a cold function, and again to the same, $rounds times"
  for ((round = 1; round <= rounds; round++)); do
    url="$(make_function_of_full_node "$node" "burst-$round")"
    before="$(function_containers_of_tag "$tag" | sort)"
    burst "$url" >>"$folder/burst-cold"
    comm -13 <(printf '%s\n' "$before") <(function_containers_of_tag "$tag" | sort) | wc -l >>"$folder/burst-containers"
    burst "$url" >>"$folder/burst-warm"
    url="$(make_function_of_full_node "$node" "single-$round")"
    awk -v micros="$(timed_call "$url")" 'BEGIN { printf "%d\n", micros / 1000 }' >>"$folder/burst-start"
  done
}
