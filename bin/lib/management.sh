# Calls the management API with curl. To be sourced after common.sh.
# shellcheck shell=bash

# Sends a request and prints the answer's body; ends the script unless the status is 2xx.
# Arguments: what for, method, URL, body (may be missing).
api_call() {
  local purpose="$1" method="$2" url="$3" answer status
  local arguments=(--silent --show-error --max-time 30 --request "$method" --write-out '\n%{http_code}')
  if [[ $# -gt 3 ]]; then
    arguments+=(--header 'Content-Type: application/json' --data-binary "$4")
  fi
  answer="$(curl "${arguments[@]}" "$url")" || die "$purpose: no answer from $url"
  status="${answer##*$'\n'}"
  answer="${answer%$'\n'*}"
  [[ "$status" == 2?? ]] || die "$purpose: $method $url answered $status $answer"
  printf '%s\n' "$answer"
}

# The id of the first item of a list; nothing if the list is empty.
listed_id() {
  { grep -o '"id":"[^"]*"' || true; } | head -n 1 | cut -d '"' -f 4
}

# Prints the id of the app with a name; makes it if there is none. Arguments: API's URL, name.
ensure_app() {
  local api="$1" name="$2" id
  id="$(api_call "looking for the app $name" GET "$api/v2/apps?name=$name" | listed_id)"
  if [[ -z "$id" ]]; then
    id="$(api_call "creating the app $name" POST "$api/v2/apps" "{\"name\":\"$name\"}" | json_text_field id)"
  fi
  printf '%s\n' "$id"
}

# Prints the id of a function with a name, made or brought up to date. Arguments: API's URL, app's id, name, image,
# further fields as JSON with a leading comma (may be missing).
ensure_fn() {
  local api="$1" app="$2" name="$3" image="$4" fields="${5:-}" id
  id="$(api_call "looking for the function $name" GET "$api/v2/fns?app_id=$app&name=$name" | listed_id)"
  if [[ -z "$id" ]]; then
    id="$(api_call "creating the function $name" POST "$api/v2/fns" \
      "{\"name\":\"$name\",\"app_id\":\"$app\",\"image\":\"$image\"$fields}" | json_text_field id)"
  else
    api_call "updating the function $name" PUT "$api/v2/fns/$id" "{\"image\":\"$image\"$fields}" >/dev/null
  fi
  printf '%s\n' "$id"
}

# Makes sure that a trigger exists. Arguments: API's URL, app's id, function's id, name, source.
ensure_trigger() {
  local api="$1" app="$2" fn="$3" name="$4" source="$5"
  if [[ -z "$(api_call "looking for the trigger $name" GET "$api/v2/triggers?app_id=$app&name=$name" | listed_id)" ]]; then
    api_call "creating the trigger $name" POST "$api/v2/triggers" \
      "{\"name\":\"$name\",\"app_id\":\"$app\",\"fn_id\":\"$fn\",\"type\":\"http\",\"source\":\"$source\"}" >/dev/null
  fi
}
