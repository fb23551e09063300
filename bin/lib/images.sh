# The function images and how they are put together without a registry. To be sourced after common.sh and docker.sh.
# shellcheck shell=bash

readonly IMAGE_VERSION="0.1.0"
readonly JAVA_IMAGE="fncluster/java-fn:$IMAGE_VERSION"
readonly NODE_IMAGE="fncluster/node-fn:$IMAGE_VERSION"
# The hash of all that an image was made of.
readonly INPUTS_LABEL="dev.fncluster.inputs"
# One time for all files, so that the same inputs make the same image.
readonly IMAGE_TIME="@1767225600"

# The hash of files, of the lines on standard input, and of this way of making images.
hash_inputs() {
  { cat; sha256sum "$@" "${BASH_SOURCE[0]}" "$REPO/bin/build-function-images" | cut -d ' ' -f 1; } | sha256sum | cut -d ' ' -f 1
}

image_is_current() {
  [[ "$(docker image inspect --format "{{index .Config.Labels \"$INPUTS_LABEL\"}}" "$1" 2>/dev/null)" == "$2" ]]
}

# Copies the shared libraries that binaries need, and the loader, to the same places below a root.
copy_libraries() {
  local root="$1" library
  shift
  # Lines are "name => /path (address)" and, for the loader, "/path (address)".
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp --dereference --update=none "$library" "$root$library" 2>/dev/null || cp --dereference --no-clobber "$library" "$root$library"
  done < <(for binary in "$@"; do ldd "$binary" || true; done |
    sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | sort -u)
}

# The folders and files that every root file system has.
prepare_root() {
  local root="$1"
  mkdir -p "$root"/{dev,etc,function,proc,sys,tmp}
  chmod 1777 "$root/tmp"
  printf 'root:x:0:0:root:/:/none\nfunction:x:1000:1000:function:/function:/none\n' >"$root/etc/passwd"
  printf 'root:x:0:\nfunction:x:1000:\n' >"$root/etc/group"
}

# Turns a root file system into an image. Arguments: root, image, hash of the inputs, entry point as JSON.
import_image() {
  local root="$1" image="$2" inputs="$3" entry_point="$4" replaced
  replaced="$(docker image inspect --format "{{.Id}}" "$image" 2>/dev/null || true)"
  find "$root" -exec touch --no-dereference --date="$IMAGE_TIME" {} +
  tar --create --directory "$root" --sort=name --owner=0 --group=0 --numeric-owner . |
    docker import \
      --change "ENTRYPOINT $entry_point" \
      --change "WORKDIR /function" \
      --change "USER 1000:1000" \
      --change "LABEL $INPUTS_LABEL=$inputs" \
      - "$image" >/dev/null
  # The image that had the name before would stay without one. It does stay while a container runs on it.
  if [[ -n "$replaced" && "$(docker image inspect --format "{{.Id}}" "$image")" != "$replaced" ]]; then
    docker image rm "$replaced" >/dev/null 2>&1 || true
  fi
}
