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
  write_limit_configuration "$folder" "$port" "$servers" >"$folder/nginx.conf"
  start_process "$pid_file" "$folder/nginx.log" nginx -e "$folder/nginx-error.log" -c "$folder/nginx.conf"
}

write_limit_configuration() {
  local folder="$1" port="$2" servers="$3"
  is_root && printf 'user root;\n'
  cat <<END
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx-error.log;
events {
  worker_connections 1024;
}
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  keepalive_requests 100000000;
  upstream functions {
$servers
    keepalive 64;
    keepalive_requests 100000000;
  }
  upstream big {
    server unix:$folder/big/lsnr.sock;
    keepalive 4;
  }
  server {
    listen 127.0.0.1:$port;
    location / {
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass http://functions/call;
    }
    location /big {
      client_max_body_size 0;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      rewrite ^ /call? break;
      proxy_pass http://big;
    }
  }
}
END
}
