# Shared by the scripts in bin/: where things are, and how they speak. To be sourced by bash.
# shellcheck shell=bash

set -euo pipefail
shopt -s inherit_errexit
# A caller's settings must not change what our tools print or where they look.
export LC_ALL=C
unset CDPATH
# All nodes are on this machine: no proxy may come between.
export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"

REPO="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
PROGRAM="bin/$(basename "$0")"
# State, logs and pids of what runs; another folder keeps a second cluster apart.
STATE_DIR="${FN_STATE_DIR:-$REPO/.fn}"
readonly REPO PROGRAM STATE_DIR

# Tells what is being done.
say() {
  printf '==> %s\n' "$*"
}

# Adds a detail to what was said.
detail() {
  printf '    %s\n' "$*"
}

# Ends the script with one line that says what is wrong and what to do.
die() {
  printf '%s: %s\n' "$PROGRAM" "$*" >&2
  exit 1
}

# Makes the folder of the state, and checks that this user may write what is in it.
require_writable_state() {
  if ! mkdir -p "$STATE_DIR" 2>/dev/null || [[ ! -w "$STATE_DIR" || (-e "$STATE_DIR/lock" && ! -w "$STATE_DIR/lock") ]]; then
    die "$(id -un) may not write to $STATE_DIR: run $PROGRAM as the folder's owner or as root, or set FN_STATE_DIR to a folder of your own"
  fi
}

# The end of a log, on the error stream, so that the reason of a failure is on the screen.
show_log_tail() {
  local file="$1" lines="${2:-30}"
  if [[ -s "$file" ]]; then
    printf -- '--- the last lines of %s\n' "$file" >&2
    tail -n "$lines" "$file" >&2
    printf -- '---\n' >&2
  fi
}

# Milliseconds since some fixed moment.
now_millis() {
  local now="$EPOCHREALTIME"
  printf '%s\n' "$((${now/[.,]/} / 1000))"
}

# The text of a string field of a JSON object on standard input; the first one, which must hold no escapes.
json_text_field() {
  sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"\\]*\)".*/\1/p' | head -n 1
}

# A text as the inside of a JSON string.
json_escape() {
  local text="$1"
  text="${text//\\/\\\\}"
  text="${text//\"/\\\"}"
  text="${text//$'\n'/\\n}"
  printf '%s' "$text"
}
