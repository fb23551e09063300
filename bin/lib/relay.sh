# The hops of a cluster without its work: nginx in the places of the load balancer and of both runners, over plain HTTP,
# before the containers of the limit. What it is slower than the limit, two more hops cost whoever makes them. To be sourced
# after limit.sh.
# shellcheck shell=bash

# Starts it; the limit has four containers. Arguments: work folder, folder of the limit, port, folder for pid files.
start_relay() {
  local folder="$1" limit="$2" port="$3" pids="$4" runner runner_port sockets servers=""
  for runner in 1 2; do
    runner_port="$(free_port)"
    sockets="    server unix:$limit/$((runner * 2 - 1))/lsnr.sock;"$'\n'"    server unix:$limit/$((runner * 2))/lsnr.sock;"
    start_nginx "$pids/relay-runner-$runner.pid" "$folder/runner-$runner" "$(nginx_proxy "$runner_port" /call "$sockets")"
    wait_for_nginx "http://127.0.0.1:$runner_port/" "$folder/runner-$runner"
    servers+="    server 127.0.0.1:$runner_port;"$'\n'
  done
  start_nginx "$pids/relay-lb.pid" "$folder/lb" "$(nginx_proxy "$port" / "$servers")"
  wait_for_nginx "http://127.0.0.1:$port/" "$folder/lb"
}

# Argument: folder of pid files.
stop_relay() {
  stop_processes 5 "$1"/relay-{lb,runner-1,runner-2}.pid
}
