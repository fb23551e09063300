# Tells what got worse since an earlier run of bin/bench. To be sourced after common.sh and packages.sh.
# shellcheck shell=bash

readonly WORSE_PERCENT=10

# Prints the figures that are worse than in an earlier file by more than WORSE_PERCENT; of several values of one figure,
# the medians count. Arguments: earlier file, later file.
compare_figures() {
  local worse
  ensure_commands jq:jq
  say "Compared with $1"
  worse="$(jq --raw-output --null-input --argjson percent "$WORSE_PERCENT" --slurpfile old "$1" --slurpfile new "$2" '
    def medians: walk(if type == "array" and length > 0 and all(.[]; type == "number") then sort | .[length / 2 | floor] else . end);
    def figures: medians | [paths(type == "number") as $path | {key: ($path | map(tostring) | join(".")), value: getpath($path)}] | from_entries;
    # What says how a figure was measured, or of what.
    def is_no_figure: test("^machine\\.|^containers\\.|^limit\\.|^relay\\.|relay_limit|_limit$|\\.limit|\\.bare|\\.(requests|errors|functions|calls|containers|error|requests_by_second)$");
    def more_is_better: test("per_second|throughput");
    # Below this, a difference is chance.
    def least: if test("\\.(nanos|bytes)$") then 5 elif test("millis|megabytes") then 3 else 0 end;
    ($old[0] | figures) as $before | ($new[0] | figures) as $now | $now | to_entries[]
    | .key as $key | select($before[$key] != null and ($key | is_no_figure | not))
    | {key: $key, before: $before[$key], now: .value}
    | ($key | sub("\\.nanos$"; ".error")) as $error
    | .chance = ([($key | least), if $error == $key then 0 else $before[$error] + $now[$error] end] | max)
    | .loss = (if (.key | more_is_better) then .before - .now else .now - .before end)
    | select(.loss > ((.before | fabs) * $percent / 100) and .loss > .chance)
    | [.key, .before, .now] | @tsv')" || die "$1 or $2 has no figures of bin/bench"
  if [[ -z "$worse" ]]; then
    detail "nothing got worse by more than $WORSE_PERCENT %"
  else
    printf '%-64s %12s %12s %8s\n' "worse by more than $WORSE_PERCENT %" before now change
    awk -F '\t' '{ change = $2 == 0 ? "" : sprintf("%+.0f %%", ($3 - $2) * 100 / $2)
      printf "%-64s %12.6g %12.6g %8s\n", $1, $2, $3, change }' <<<"$worse"
  fi
  tell_of_limits "$1" "$2"
}

# How fast the machine was in both runs: what the limit did.
tell_of_limits() {
  local limits
  limits="$(jq --raw-output --slurp '[.[].limit["8"].requests_per_second // empty] | map(tostring) | join(" then ")' "$1" "$2")"
  [[ -z "$limits" ]] || detail "the limit's requests/s at 8 connections: $limits. Where they differ, the ratios tell more than the rest"
}
