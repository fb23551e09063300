# Load by wrk, and the arithmetic on what it measured. To be sourced after common.sh.
# shellcheck shell=bash

# What wrk leaves unanswered at its end costs a runner the containers that work on it: their callers have gone. So wrk
# sends nothing more in its last second.
readonly LOAD_QUIET_SECONDS=1

# Writes the script that wrk runs: posts of one KiB, and one line of figures at the end. The script is told after how
# many microseconds to send no more.
write_load_script() {
  cat >"$1" <<'END'
local ffi = require("ffi")
ffi.cdef("typedef struct { long sec; long nsec; } moment; int clock_gettime(int clock, moment *now);")
local now = ffi.new("moment")

-- Microseconds of a clock that nobody sets.
local function micros()
  ffi.C.clock_gettime(1, now)
  return tonumber(now.sec) * 1e6 + tonumber(now.nsec) / 1000
end

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local post, first, patience
loaded = 0

function init(args)
  post = wrk.format("POST", nil, {["Content-Type"] = "application/octet-stream"}, string.rep("x", 1024))
  patience = tonumber(args[1])
end

-- An empty request leaves its connection silent.
function request()
  local at = micros()
  first = first or at
  loaded = at - first
  if loaded < patience then
    return post
  end
  loaded = patience
  return ""
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", latency:percentile(50), latency:percentile(99), summary.requests,
    threads[1]:get("loaded"), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
END
}

# Loads a URL and prints "p50 p99 requests microseconds errors", latencies in microseconds.
# Arguments: wrk's script, URL, connections, seconds.
load() {
  local output
  output="$(wrk --threads 1 --connections "$3" --duration "$(($4 + LOAD_QUIET_SECONDS))s" --timeout 10s --script "$1" "$2" \
    -- "${4}000000" 2>&1)" || die "wrk against $2 failed: $output"
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
