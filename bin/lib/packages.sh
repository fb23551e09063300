# Installs Debian and Ubuntu packages that a script needs. To be sourced after common.sh.
# shellcheck shell=bash

APT_UPDATED=""

is_root() {
  [[ "$(id -u)" == 0 ]]
}

# Installs packages by name. The services that they bring are not started: the scripts start what they need themselves.
install_packages() {
  local reason="$1"
  shift
  command -v apt-get >/dev/null || die "$reason; this system has no apt-get: install $* by hand, then run $PROGRAM again"
  is_root || die "$reason; run $PROGRAM as root, or install $* first"
  say "Installing $* ($reason)"
  mkdir -p "$STATE_DIR/logs"
  local log="$STATE_DIR/logs/apt.log" guard="/usr/sbin/policy-rc.d" guarded="" status=0
  if [[ -z "$APT_UPDATED" ]]; then
    DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1 </dev/null || {
      show_log_tail "$log"
      die "apt-get update failed: see $log"
    }
    APT_UPDATED=yes
  fi
  if [[ ! -e "$guard" ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    guarded=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null || status=$?
  if [[ -n "$guarded" ]]; then
    rm -f "$guard"
  fi
  if [[ "$status" != 0 ]]; then
    show_log_tail "$log"
    die "installing $* failed: see $log"
  fi
}

# Installs a package for each command that is missing. Arguments: command:package, more packages split by commas.
ensure_commands() {
  local pair packages=() missing=()
  for pair in "$@"; do
    if ! command -v "${pair%%:*}" >/dev/null; then
      missing+=("${pair%%:*}")
      IFS=, read -ra more <<<"${pair#*:}"
      packages+=("${more[@]}")
    fi
  done
  if [[ ${#packages[@]} -gt 0 ]]; then
    install_packages "missing here: ${missing[*]}" "${packages[@]}"
  fi
}
