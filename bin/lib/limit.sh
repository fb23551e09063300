# The limit that a cluster is measured against: nginx before the Unix sockets of function containers, with nothing in
# between. To be sourced after common.sh, docker.sh, process.sh and images.sh.
# shellcheck shell=bash

# Starts a container of the Java function as a runner would, and prints its id. Arguments: label tag, folder for its
# socket, more options of docker run.
run_function_container() {
  local tag="$1" folder="$2"
  shift 2
  docker run --detach --init --label "$CONTAINER_LABEL=$tag" \
    --user 1000:1000 --cap-drop all --security-opt no-new-privileges --read-only --tmpfs /tmp \
    --memory 128m --memory-swap 128m --memory-swappiness 0 --pids-limit 50 --log-driver none \
    --ulimit nofile=350:350 --ulimit memlock=65536:65536 --ulimit sigpending=5000:5000 --ulimit msgqueue=819200:819200 \
    --volume "$folder:/tmp/iofs" --env FN_LISTENER=unix:/tmp/iofs/lsnr.sock --env FN_FORMAT=http-stream \
    "$@" "$JAVA_IMAGE"
}

# Makes an empty folder that a container may put its socket into.
make_socket_folder() {
  rm -rf "$1"
  mkdir -p "$1"
  chmod 777 "$1"
}

# Waits until a function's socket is there.
wait_for_socket() {
  local socket="$1/lsnr.sock" began
  began="$(now_millis)"
  until [[ -S "$socket" ]]; do
    (($(now_millis) - began < 30000)) || die "a function container made no socket at $socket within 30 s"
    sleep 0.002
  done
}

# Starts the container behind /big, whose bodies are streamed. Arguments: work folder, label tag, memory as Docker has it.
start_limit_of_big_bodies() {
  make_socket_folder "$1/big"
  run_function_container "$2" "$1/big" --memory "$3" --memory-swap "$3" >/dev/null
  wait_for_socket "$1/big"
}

# Starts the containers and nginx. Arguments: work folder, label tag, number of containers, port, pid file.
start_limit() {
  local folder="$1" tag="$2" count="$3" port="$4" pid_file="$5" i servers=""
  for ((i = 1; i <= count; i++)); do
    make_socket_folder "$folder/$i"
    run_function_container "$tag" "$folder/$i" >/dev/null
    # The function serves 24 connections at once; one more would wait for another one's end.
    servers+="    server unix:$folder/$i/lsnr.sock max_conns=16;"$'\n'
  done
  for ((i = 1; i <= count; i++)); do
    wait_for_socket "$folder/$i"
  done
  start_nginx "$pid_file" "$folder" "$(limit_servers "$folder" "$port" "$servers")"
}

# Starts an nginx with one worker. Arguments: pid file, folder for its files, upstreams and servers in its language.
start_nginx() {
  mkdir -p "$2"
  nginx_configuration "$2" "$3" >"$2/nginx.conf"
  start_process "$1" "$2/nginx.log" nginx -e "$2/nginx-error.log" -c "$2/nginx.conf"
}

# Waits until an nginx passes requests on. Arguments: URL, folder of its files.
wait_for_nginx() {
  local attempt=0
  until curl --silent --fail --output /dev/null --max-time 5 --data-binary ready "$1"; do
    attempt=$((attempt + 1))
    [[ "$attempt" -lt 100 ]] || { show_log_tail "$2/nginx-error.log"; die "nginx did not answer at $1 within 10 s"; }
    sleep 0.1
  done
}

nginx_configuration() {
  is_root && printf 'user root;\n'
  cat <<END
daemon off;
worker_processes 1;
pid $1/nginx.pid;
error_log $1/nginx-error.log;
events {
  worker_connections 1024;
}
http {
  access_log off;
  client_body_temp_path $1/body;
  proxy_temp_path $1/proxy;
  fastcgi_temp_path $1/fastcgi;
  uwsgi_temp_path $1/uwsgi;
  scgi_temp_path $1/scgi;
  keepalive_requests 100000000;
$2
}
END
}

# An upstream and a server that passes requests on to it, over connections that both keep. Arguments: port, path that
# requests get, servers of the upstream, more locations.
nginx_proxy() {
  cat <<END
  upstream functions {
$3
    keepalive 64;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:$1;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location / {
      proxy_pass http://functions$2;
    }
    ${4:-}
  }
END
}

limit_servers() {
  cat <<END
  upstream big {
    server unix:$1/big/lsnr.sock;
    keepalive 4;
  }
END
  nginx_proxy "$2" /call "$3" "location /big {
      client_max_body_size 0;
      proxy_buffering off;
      proxy_request_buffering off;
      rewrite ^ /call? break;
      proxy_pass http://big;
    }"
}
