# Draws what bin/bench has measured. To be sourced after common.sh and packages.sh.
# shellcheck shell=bash

# Writes latency.svg, throughput.svg, cold-start.svg and, of a full run, first-seconds.svg. Arguments: figures as JSON,
# folder.
draw_plots() {
  local figures="$1" folder="$2"
  ensure_commands jq:jq gnuplot:gnuplot-nox
  mkdir -p "$folder"
  say "Drawing plots into $folder"
  plot "$folder/latency.svg" latency_plot <(plot_data "$figures" '["1", "8", "32"][] as $count |
    [$count, .limit[$count].p50_micros, .cluster[$count].p50_micros, .limit[$count].p99_micros, .cluster[$count].p99_micros]')
  plot "$folder/throughput.svg" throughput_plot <(plot_data "$figures" '["1", "8", "32"][] as $count |
    [$count, .limit[$count].requests_per_second, .cluster[$count].requests_per_second]')
  plot "$folder/cold-start.svg" cold_start_plot <(plot_data "$figures" '.cold_start_millis.parts as $parts |
    ["schedule", "image_pull", "prepare", "create", "socket_wait", "first_call"][] | [gsub("_"; " "), $parts[.]]')
  if [[ "$(jq 'has("start_up")' "$figures")" == true ]]; then
    plot "$folder/first-seconds.svg" first_seconds_plot <(plot_data "$figures" '.start_up as $ways |
      range($ways.with_cache.requests_by_second | length) |
      [. + 1, $ways.with_cache.requests_by_second[.], $ways.without_cache.requests_by_second[.]]')
  fi
}

# The rows that a filter makes of the figures.
plot_data() {
  jq --raw-output "$2 | @tsv" "$1"
}

# Arguments: file to write, function that prints the commands, data.
plot() {
  local data
  data="$(<"$3")"
  [[ -n "$data" ]] || die "there is nothing to draw in $1"
  {
    cat <<END
set terminal svg size 640,400 font "sans-serif,13" background "#ffffff"
set output "$1"
set datafile separator tab
set border 3 lc "#888888"
set xtics nomirror
set ytics nomirror
set grid ytics lc "#dddddd"
set key outside top center horizontal
\$data << EOD
$data
EOD
END
    "$2"
  } | gnuplot || die "gnuplot could not draw $1"
}

readonly BARS='set style data histogram
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set xlabel "connections"'

latency_plot() {
  cat <<END
$BARS
set title "Latency"
set ylabel "microseconds"
set logscale y
plot \$data using 2:xtic(1) title "limit, p50" lc "#a6bddb", "" using 3 title "cluster, p50" lc "#0570b0", \
  "" using 4 title "limit, p99" lc "#fdbb84", "" using 5 title "cluster, p99" lc "#d7301f"
END
}

throughput_plot() {
  cat <<END
$BARS
set title "Throughput"
set ylabel "requests a second"
set yrange [0:*]
plot \$data using 2:xtic(1) title "limit" lc "#a6bddb", "" using 3 title "cluster" lc "#0570b0"
END
}

cold_start_plot() {
  cat <<END
set title "What a cold start consists of"
set style data boxes
set style fill solid 0.9 noborder
set boxwidth 0.6
set ylabel "milliseconds"
set yrange [0:*]
unset key
plot \$data using 0:2:xtic(1) lc "#0570b0", "" using 0:2:(sprintf("%.0f", column(2))) with labels offset 0,0.6
END
}

first_seconds_plot() {
  cat <<END
set title "The first seconds of a fresh cluster, 8 connections"
set style data lines
set xlabel "seconds of load"
set ylabel "requests a second"
set yrange [0:*]
plot \$data using 1:2 title "with the start-up cache" lw 2 lc "#0570b0", "" using 1:3 title "without" lw 2 lc "#d7301f"
END
}
