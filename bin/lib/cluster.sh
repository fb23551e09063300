# The cluster that bin/bench measures: an API node, two runners and a load balancer. To be sourced after the other
# libraries; the caller has set WORK_DIR and TAG.
# shellcheck shell=bash

readonly CLUSTER_NODES=(api runner-1 runner-2 lb)
API_URL=""
LB_URL=""
APP_ID=""
RUNNER_URLS=()

# Starts a node and waits until it is ready. Arguments: name, port, settings as NAME=value.
start_bench_node() {
  local node="$1" port="$2"
  shift 2
  start_node "$WORK_DIR/run/$node.pid" "$WORK_DIR/logs/$node.log" "$SERVER_JAR" FN_PORT="$port" "$@"
  wait_until_ready "$node" "http://127.0.0.1:$port/" 120 "$WORK_DIR/run/$node.pid" "$WORK_DIR/logs/$node.log"
}

# Starts a cluster, one node after the other; what follows is about this one. Arguments: what stands before the names of
# its nodes, memory of a runner in bytes.
start_cluster() {
  local prefix="$1" memory="$2" port grpc_port runner addresses=()
  port="$(free_port)"
  API_URL="http://127.0.0.1:$port"
  start_bench_node "${prefix}api" "$port" FN_NODE_TYPE=api FN_DB_URL="sqlite3://$WORK_DIR/${prefix}fn.db"
  RUNNER_URLS=()
  for runner in runner-1 runner-2; do
    port="$(free_port)"
    grpc_port="$(free_port)"
    start_bench_node "$prefix$runner" "$port" FN_NODE_TYPE=pure-runner FN_GRPC_PORT="$grpc_port" \
      FN_IOFS_PATH="$(socket_folder "$WORK_DIR/iofs-$prefix$runner")" FN_CONTAINER_LABEL_TAG="$TAG-$prefix$runner" \
      FN_MAX_TOTAL_MEMORY_BYTES="$memory"
    addresses+=("127.0.0.1:$grpc_port")
    RUNNER_URLS+=("http://127.0.0.1:$port")
  done
  port="$(free_port)"
  LB_URL="http://127.0.0.1:$port"
  start_bench_node "${prefix}lb" "$port" FN_NODE_TYPE=lb FN_RUNNER_API_URL="$API_URL" \
    FN_RUNNER_ADDRESSES="${addresses[0]},${addresses[1]}"
  APP_ID="$(ensure_app "$API_URL" bench)"
}

# Stops a cluster. Argument: what stands before the names of its nodes.
stop_cluster() {
  stop_processes 30 "$WORK_DIR/run/$1lb.pid" "$WORK_DIR/run/$1api.pid"
  stop_processes 45 "$WORK_DIR/run/$1runner-1.pid" "$WORK_DIR/run/$1runner-2.pid"
}

# Makes a function and prints its URL. Arguments: name, idle timeout in seconds, memory in MB.
make_function() {
  local id
  id="$(ensure_fn "$API_URL" "$APP_ID" "$1" "$JAVA_IMAGE" ",\"memory\":${3:-128},\"timeout\":60,\"idle_timeout\":$2")"
  printf '%s\n' "$LB_URL/invoke/$id"
}

count_containers() {
  local tag
  for tag in "$@"; do
    function_containers_of_tag "$tag"
  done | wc -l
}

# Makes runners start all containers that they have room for: by calls that take long, so that more of them are worth
# their start. Arguments: URL, how many there can be, label tags of the runners.
fill_containers() {
  local url="$1" wanted="$2" round i callers
  shift 2
  for ((round = 0; round < 10 && $(count_containers "$@") < wanted; round++)); do
    callers=()
    for ((i = 0; i < 2 * wanted; i++)); do
      curl --silent --output /dev/null --max-time 60 --header 'Function-Delay-Millis: 1500' --data-binary fill "$url" 9>&- &
      callers+=("$!")
    done
    wait "${callers[@]}" || true
  done
}

# A number of KiB that the kernel tells of a node, as MB. Arguments: node, line of its status.
node_megabytes() {
  local pid
  pid="$(live_pid "$WORK_DIR/run/$1.pid")" || die "$1 has ended"
  awk -v line="$2:" '$1 == line { printf "%.0f\n", $2 / 1024 }' "/proc/$pid/status"
}

# The sum of a metric's lines on a node's page. Arguments: node's URL, what the lines begin with.
metric_sum() {
  curl --silent --show-error --fail --max-time 30 "$1/metrics" |
    awk -v prefix="$2" 'index($0, prefix) == 1 { sum += $NF } END { printf "%.0f\n", sum }'
}
