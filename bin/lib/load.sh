# Load by wrk, and the arithmetic on what it measured. To be sourced after common.sh.
# shellcheck shell=bash

# What wrk leaves unanswered at its end costs a runner the containers that work on it: their callers have gone. So wrk
# sends nothing more in its last half second.
readonly LOAD_QUIET_MICROS=500000

# Writes the script that wrk runs: posts of one KiB, and two lines at the end: figures, and how many requests each second
# had. The script is told after how many microseconds to send no more.
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
seconds = {}

function init(args)
  post = wrk.format("POST", nil, {["Content-Type"] = "application/octet-stream"}, string.rep("x", 1024))
  patience = tonumber(args[1])
  for second = 1, math.ceil(patience / 1e6) do
    seconds[second] = 0
  end
end

-- An empty request leaves its connection silent.
function request()
  local at = micros()
  first = first or at
  loaded = at - first
  if loaded < patience then
    local second = math.floor(loaded / 1e6) + 1
    seconds[second] = seconds[second] + 1
    return post
  end
  loaded = patience
  return ""
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", latency:percentile(50), latency:percentile(99), summary.requests,
    threads[1]:get("loaded"), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
  io.write("SECONDS " .. table.concat(threads[1]:get("seconds"), " ") .. "\n")
end
END
}

# Loads a URL and prints what wrk's script prints. Arguments: wrk's script, URL, connections, seconds.
run_wrk() {
  local output
  output="$(wrk --threads 1 --connections "$3" --duration "${4}s" --timeout 10s --script "$1" "$2" \
    -- "$(($4 * 1000000 - LOAD_QUIET_MICROS))" 2>&1)" || die "wrk against $2 failed: $output"
  grep -q '^RESULT ' <<<"$output" || die "wrk against $2 printed no result: $output"
  printf '%s\n' "$output"
}

# Loads a URL and prints "p50 p99 requests microseconds errors", latencies in microseconds. Arguments as for run_wrk.
load() {
  run_wrk "$@" | sed -n 's/^RESULT //p'
}

# Loads a URL and prints how many requests each second had. Arguments as for run_wrk.
load_by_second() {
  run_wrk "$@" | sed -n 's/^SECONDS //p'
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
