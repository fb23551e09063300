# Brings up a Docker engine, and finds and removes our containers. To be sourced after common.sh and packages.sh.
# shellcheck shell=bash

# The label by which a runner marks its containers.
readonly CONTAINER_LABEL="fn-agent-classifier"

engine_answers() {
  command -v docker >/dev/null && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Makes sure that a Docker engine answers: installs it and starts it where that is needed and possible.
ensure_docker() {
  if engine_answers; then
    return 0
  fi
  if [[ -n "${DOCKER_HOST:-}" ]]; then
    die "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST: start it, or unset DOCKER_HOST to use the local one"
  fi
  is_root || die "no Docker engine answers: start one that $(id -un) may use, or run $PROGRAM as root to have it installed"
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null || ! command -v iptables >/dev/null; then
    install_packages "no Docker engine answers" docker.io iptables ca-certificates
    # Newer releases have the command line client in a package of its own.
    command -v docker >/dev/null || install_packages "no docker command" docker-cli
  fi
  start_engine
}

start_engine() {
  local log="$STATE_DIR/logs/dockerd.log"
  mkdir -p "$STATE_DIR/logs"
  if [[ -d /run/systemd/system ]]; then
    say "Starting the Docker engine (systemctl start docker)"
    systemctl start docker >"$log" 2>&1 || true
  else
    say "Starting the Docker engine (dockerd in the background, log in ${log#"$REPO"/})"
    remove_stale_engine_pid
    setsid nohup dockerd >"$log" 2>&1 </dev/null 9>&- &
  fi
  local attempt
  for ((attempt = 0; attempt < 120; attempt++)); do
    if engine_answers; then
      return 0
    fi
    sleep 0.5
  done
  show_log_tail "$log"
  die "the Docker engine did not answer within 60 s: see $log, start Docker by hand, then run $PROGRAM again"
}

# An engine that was killed leaves its pid file, and the next one refuses to start if that pid is in use again.
remove_stale_engine_pid() {
  local file=/var/run/docker.pid pid
  [[ -r "$file" ]] || return 0
  pid="$(<"$file")"
  if [[ ! "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")" == *dockerd* ]]; then
    rm -f "$file"
  fi
}

# The ids of all containers, running or not, with a label tag.
containers_of_tag() {
  docker ps --all --quiet --no-trunc --filter "label=$CONTAINER_LABEL=$1"
}

# As before, without those that only hold a network namespace; they have it in their name.
function_containers_of_tag() {
  docker ps --all --no-trunc --format '{{.ID}} {{.Names}}' --filter "label=$CONTAINER_LABEL=$1" |
    awk '$2 !~ /_prefork_/ { print $1 }'
}

# Removes every container with a label tag, and tells how many there were.
remove_containers_of_tag() {
  local tag="$1" ids=()
  mapfile -t ids < <(containers_of_tag "$tag")
  if [[ ${#ids[@]} -gt 0 ]]; then
    detail "removing ${#ids[@]} container(s) that were left of $tag"
    # A frozen process can't die: thawing first is harmless where nothing is frozen.
    docker unpause "${ids[@]}" >/dev/null 2>&1 || true
    docker rm --force --volumes "${ids[@]}" >/dev/null 2>&1 || true
  fi
  mapfile -t ids < <(containers_of_tag "$tag")
  [[ ${#ids[@]} -eq 0 ]] || die "containers with label $CONTAINER_LABEL=$tag could not be removed: ${ids[*]}"
}
