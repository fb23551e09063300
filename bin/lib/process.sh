# Starts, knows and stops background processes by pid files. To be sourced after common.sh.
#
# A pid file holds the pid and the start time of the process (field 22 of /proc/PID/stat): a pid alone may long be
# somebody else's.
# shellcheck shell=bash

# Prints the state and the start time of a process; nothing if there is none.
process_state_and_start_time() {
  # The name, in brackets, may hold blanks: count the fields from behind it.
  sed -n 's/.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 1,20
}

# Starts a command in the background, apart from this terminal. Arguments: pid file, log file, command with arguments.
start_process() {
  local pid_file="$1" log="$2" pid
  shift 2
  mkdir -p "$(dirname "$pid_file")" "$(dirname "$log")"
  # Descriptor 9 is the lock of a running script: a node must not keep it.
  setsid nohup "$@" >"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  printf '%s %s\n' "$pid" "$(process_state_and_start_time "$pid" | cut -d ' ' -f 2)" >"$pid_file"
}

# Prints the pid in a pid file if that very process still runs; fails otherwise.
live_pid() {
  local pid_file="$1" pid started state now_started
  [[ -r "$pid_file" ]] || return 1
  read -r pid started <"$pid_file" || return 1
  # Both facts in one reading: between two, the process could end and be forgotten.
  read -r state now_started < <(process_state_and_start_time "$pid") || return 1
  # A child that nobody has waited for yet is still in the table, but gone.
  [[ -n "$pid" && -n "$started" && "$now_started" == "$started" && "$state" != Z ]] || return 1
  printf '%s\n' "$pid"
}

# Stops processes: asks all of them to end, waits up to so many seconds, then kills. Arguments: seconds, pid files.
stop_processes() {
  local patience="$1" pid_file pid waiting deadline
  shift
  for pid_file in "$@"; do
    if pid="$(live_pid "$pid_file")"; then
      kill -TERM "$pid" 2>/dev/null || true
    fi
  done
  deadline=$((SECONDS + patience))
  while true; do
    waiting=""
    for pid_file in "$@"; do
      if live_pid "$pid_file" >/dev/null; then
        waiting="yes"
      fi
    done
    if [[ -z "$waiting" || "$SECONDS" -ge "$deadline" ]]; then
      break
    fi
    sleep 0.1
  done
  for pid_file in "$@"; do
    if pid="$(live_pid "$pid_file")"; then
      detail "$(basename "$pid_file" .pid) (pid $pid) did not stop within ${patience} s: killed"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$pid_file"
  done
}
