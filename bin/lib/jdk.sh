# Finds a JDK 25. To be sourced after common.sh.
# shellcheck shell=bash

readonly REQUIRED_JDK=25

# The major version of the JDK in a folder; nothing where there is no whole JDK.
jdk_version() {
  local home="$1"
  [[ -x "$home/bin/javac" && -x "$home/bin/jlink" && -r "$home/release" ]] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release"
}

# Sets and exports JAVA_HOME: the one given if it is new enough, else the first of the usual places, else that of the
# javac in the path.
find_jdk() {
  local candidate version
  local candidates=()
  [[ -n "${JAVA_HOME:-}" ]] && candidates+=("$JAVA_HOME")
  candidates+=(/usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*)
  if command -v javac >/dev/null; then
    candidates+=("$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")")
  fi
  for candidate in "${candidates[@]}"; do
    version="$(jdk_version "$candidate")"
    if [[ -n "$version" && "$version" -ge "$REQUIRED_JDK" ]]; then
      export JAVA_HOME="$candidate"
      return 0
    fi
  done
  die "no JDK $REQUIRED_JDK found: install one (Temurin $REQUIRED_JDK, for example) and set JAVA_HOME to its folder"
}
