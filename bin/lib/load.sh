# Load by wrk, and the arithmetic on what it measured. To be sourced after common.sh.
# shellcheck shell=bash

# Writes the script that wrk runs: posts of one KiB, and one line of figures at the end.
write_load_script() {
  cat >"$1" <<'END'
wrk.method = "POST"
wrk.body = string.rep("x", 1024)
wrk.headers["Content-Type"] = "application/octet-stream"

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", latency:percentile(50), latency:percentile(99), summary.requests,
    summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
END
}

# Loads a URL and prints "p50 p99 requests microseconds errors", latencies in microseconds.
# Arguments: wrk's script, URL, connections, seconds.
load() {
  local output
  output="$(wrk --threads 1 --connections "$3" --duration "${4}s" --timeout 10s --script "$1" "$2" 2>&1)" ||
    die "wrk against $2 failed: $output"
  sed -n 's/^RESULT //p' <<<"$output" | grep . || die "wrk against $2 printed no result: $output"
}

# The median of numbers, one a line on standard input.
median() {
  sort -n | awk '{ value[NR] = $1 } END {
    if (NR == 0) exit 1
    print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
  }'
}

# The quotient of two numbers with two digits.
quotient() {
  awk -v a="$1" -v b="$2" 'BEGIN { if (b == 0) exit 1; printf "%.2f\n", a / b }'
}
