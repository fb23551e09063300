# Cold starts of a cluster beside those of bare containers, and what they consist of. To be sourced after the other
# libraries.
# shellcheck shell=bash

# The phases of a launch, as runners name them.
readonly LAUNCH_PHASES=(image_pull prepare create socket_wait)

wait_for_no_containers() {
  local began="$SECONDS"
  until [[ "$(count_containers "$TAG-runner-1" "$TAG-runner-2")" == 0 ]]; do
    ((SECONDS - began < 60)) || die "the runners did not remove idle containers within 60 s"
    sleep 0.2
  done
}

# The milliseconds until the first answer of a function that has never run.
measure_cold_call() {
  local url answer
  url="$(make_function "$1" 1)"
  answer="$(curl --silent --show-error --max-time 60 --output /dev/null --data-binary cold \
    --write-out '%{http_code} %{time_total}' "$url")" || die "the first call of $1 got no answer"
  [[ "${answer%% *}" == 200 ]] || die "the first call of $1 answered ${answer%% *}"
  awk '{ printf "%d\n", $2 * 1000 }' <<<"$answer"
}

# The milliseconds from docker run to the function's socket. Arguments: folder, more options of docker run.
measure_bare_start() {
  local folder="$1" began ended id
  shift
  make_socket_folder "$folder"
  began="$(now_millis)"
  id="$(run_function_container "$TAG-bare" "$folder" "$@")"
  wait_for_socket "$folder"
  ended="$(now_millis)"
  docker rm --force "$id" >/dev/null
  printf '%s\n' "$((ended - began))"
}

# How long the phases of all launches have taken so far, in milliseconds: a line for each phase, the last one from a
# call's arrival at its runner until its function had it.
launch_phases() {
  local phase
  for phase in "${LAUNCH_PHASES[@]}"; do
    printf '%s %s\n' "$phase" "$(($(metric_sum "${RUNNER_URLS[0]}" "fn_container_launch_latency_sum{phase=\"$phase\"") + \
      $(metric_sum "${RUNNER_URLS[1]}" "fn_container_launch_latency_sum{phase=\"$phase\"")))"
  done
  printf 'until_function %s\n' "$(metric_sum "$LB_URL" "fn_lb_runner_sched_latency_sum")"
}

# What a cold start consists of, in milliseconds: "name value" a line. Arguments: files of launch_phases before and after,
# file of the milliseconds of the calls between.
cold_start_parts() {
  awk -v calls="$(sort -n "$3" | awk '{ sum += $1 } END { print sum }')" -v rounds="$(wc -l <"$3")" '
    NR == FNR { before[$1] = $2; next }
    $1 == "until_function" { until = $2 - before[$1]; next }
    { name[++count] = $1; took[count] = $2 - before[$1]; launch += took[count] }
    END {
      printf "schedule %.1f\n", (until - launch) / rounds
      for (i = 1; i <= count; i++) printf "%s %.1f\n", name[i], took[i] / rounds
      printf "first_call %.1f\n", (calls - until) / rounds
    }' "$1" "$2"
}

# Writes milliseconds to cold-cluster, cold-bare and cold-joined, parts of a cold start to cold-parts. Argument: rounds.
measure_cold_starts() {
  local rounds="$1" round holder warm_url
  say "Cold starts: $rounds of the cluster, of a bare docker run, and of one that joins a ready network namespace"
  warm_url="$(make_function warm-up 2)"
  load "$WORK_DIR/post.lua" "$warm_url" 8 "$WARM_UP_OF_COLD_STARTS" >/dev/null
  wait_for_no_containers
  make_socket_folder "$WORK_DIR/holder"
  holder="$(run_function_container "$TAG-bare" "$WORK_DIR/holder")"
  wait_for_socket "$WORK_DIR/holder"
  # The first round meets what is cold on either side, and is not counted.
  for ((round = 0; round <= rounds; round++)); do
    measure_cold_call "cold-$round" >>"$WORK_DIR/cold-cluster"
    wait_for_no_containers
    if [[ "$round" == 0 ]]; then
      launch_phases >"$WORK_DIR/phases-before"
    fi
    measure_bare_start "$WORK_DIR/bare" >>"$WORK_DIR/cold-bare"
    measure_bare_start "$WORK_DIR/bare" --network "container:$holder" >>"$WORK_DIR/cold-joined"
  done
  sed -i 1d "$WORK_DIR"/cold-{cluster,bare,joined}
  launch_phases >"$WORK_DIR/phases-after"
  cold_start_parts "$WORK_DIR"/phases-{before,after} "$WORK_DIR/cold-cluster" >"$WORK_DIR/cold-parts"
  docker rm --force "$holder" >/dev/null
}
