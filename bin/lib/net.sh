# Ports and HTTP. To be sourced after common.sh and process.sh.
# shellcheck shell=bash

# Whether somebody listens on a TCP port of this machine.
port_in_use() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Ends the script unless a setting is a port that is free. Arguments: name of the setting, its value.
require_free_port() {
  local name="$1" port="$2"
  [[ "$port" =~ ^[0-9]+$ && "$port" -ge 1 && "$port" -le 65535 ]] ||
    die "$name is $port, expected a port from 1 to 65535"
  if port_in_use "$port"; then
    die "port $port is in use: stop what uses it, or set $name to a free port"
  fi
}

# A TCP port that nobody listens on, from a range that systems don't hand out by themselves.
free_port() {
  local attempt port
  for ((attempt = 0; attempt < 200; attempt++)); do
    port=$((20000 + RANDOM % 12000))
    if ! port_in_use "$port"; then
      printf '%s\n' "$port"
      return 0
    fi
  done
  die "found no free port between 20000 and 32000"
}

# Waits until a node answers 200, or its process has ended, or so many seconds have passed.
# Arguments: name, URL, seconds, pid file, log.
wait_until_ready() {
  local name="$1" url="$2" patience="$3" pid_file="$4" log="$5" began
  began="$(now_millis)"
  while true; do
    if [[ "$(curl --silent --output /dev/null --max-time 2 --write-out '%{http_code}' "$url" || true)" == 200 ]]; then
      return 0
    fi
    if ! live_pid "$pid_file" >/dev/null; then
      show_log_tail "$log"
      die "$name ended before it was ready: see $log"
    fi
    if (($(now_millis) - began > patience * 1000)); then
      show_log_tail "$log"
      die "$name did not answer 200 at $url within $patience s: see $log"
    fi
    sleep 0.1
  done
}
