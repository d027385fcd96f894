#!/usr/bin/env bash
# A real Apache Kafka broker (KRaft on loopback, one node or several) for tests.
#
#   broker.sh run CMD...            starts a broker, runs CMD with STREAMC_TEST_BROKERS=HOST:PORT,
#                                   stops the broker and returns CMD's exit code
#   broker.sh share CMD...          the same, but uses the broker of an enclosing `run` if there is one
#   broker.sh start DIR [--owner PID] [--nodes N]
#                                   starts a broker whose ports, data and log live in DIR (made when
#                                   missing; reused after a stop or kill) and prints HOST:PORT.
#                                   It is stopped when process PID ends (default: the caller; 0: never).
#                                   --nodes N: a cluster, each node broker and controller, in DIR/1 to DIR/N;
#                                   prints the nodes' addresses with commas. DIR of a cluster started again
#                                   starts what does not run, DIR/2 only the second node
#   broker.sh stop DIR              shuts that broker (DIR/2: that node, DIR: all nodes) down in order and
#                                   returns when it is gone; what has not ended after 20 s is killed
#   broker.sh kill DIR              kill -9, for tests of broker loss; DIR can be started again
#
# The brokers' own topics, and all made without a replication factor, have a replica on each node, up to three; with three, a
# record counts as written when two have it.
# Nothing waits for a fixed time: a broker counts as up when its answer to a metadata request names itself.
# STREAMC_BROKER_HEAP (default 512m) sets its heap, STREAMC_BROKER_CONFIG adds `key=value` lines.
# STREAMC_BROKER_PROXY=PORT (for a cluster one for each node, with commas) adds a second listener, whose port `start` writes to
# behind_proxy in the node's folder: clients that come through a proxy on 127.0.0.1:PORT stay behind it, because that is the
# address this listener tells them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attach=()
begun=()  # folders of the nodes start_broker has started
fail() { echo "broker: $*" >&2; exit 1; }

# Ports free at this moment, three for each node: listener, controller, and the listener behind a proxy.
pick_ports() { # NODES
  python3 - "$1" <<'PY'
import socket, sys
held = [socket.socket() for _ in range(3 * int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
}

# The folders of the nodes: of a cluster its numbered ones, else the folder itself.
nodes_of() { # DIR
  if [ -d "$1/1" ]; then printf '%s\n' "$1"/[1-9]; else echo "$1"; fi
}

# Folders, ports and configuration of all nodes.
lay_out() { # DIR NODES
  local ports voters= id node
  read -r -a ports < <(pick_ports "$2")
  for ((id = 1; id <= $2; ++id)); do voters+=${voters:+,}$id@127.0.0.1:${ports[3 * id - 2]}; done
  for ((id = 1; id <= $2; ++id)); do
    node=$1
    [ "$2" = 1 ] || node=$1/$id
    mkdir -p "$node"
    echo "127.0.0.1:${ports[3 * id - 3]}" >"$node/address"
    write_config "$node" "$id" "$2" "$voters" "${ports[@]:3 * id - 3:3}"
  done
  [ "$2" = 1 ] || cat "$1"/[1-9]/address | paste -sd, >"$1/address"
}

write_config() { # DIR ID NODES VOTERS LISTENER_PORT CONTROLLER_PORT PROXIED_PORT
  local proxied= advertised= protocol= proxies replicas=$(($3 < 3 ? $3 : 3)) in_sync
  in_sync=$((replicas < 3 ? 1 : 2))
  if [ -n "${STREAMC_BROKER_PROXY:-}" ]; then
    IFS=, read -r -a proxies <<<"$STREAMC_BROKER_PROXY"
    proxied=,PROXIED://127.0.0.1:$7 advertised=,PROXIED://127.0.0.1:${proxies[$2 - 1]} protocol=,PROXIED:PLAINTEXT
    echo "$7" >"$1/behind_proxy"
  fi
  cat >"$1/server.properties" <<CONF
process.roles=broker,controller
node.id=$2
controller.quorum.voters=$4
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$5,CONTROLLER://127.0.0.1:$6$proxied
advertised.listeners=PLAINTEXT://127.0.0.1:$5$advertised
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT$protocol
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
log.initial.task.delay.ms=600000
leader.imbalance.check.interval.seconds=5
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=2
${STREAMC_BROKER_CONFIG:-}
CONF
}

# Becomes the Java process; formatting and the broker differ in the class and its arguments only.
java_exec() { # CLASS ARGS...
  exec ${attach[@]+"${attach[@]}"} java -Xms128m -Xmx"${STREAMC_BROKER_HEAP:-512m}" -XX:+UseSerialGC \
    -Xshare:auto -XX:-UsePerfData -Djava.awt.headless=true -Djava.net.preferIPv4Stack=true \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
    -cp "$jars/*" "$@"
}

# A process nobody waited for yet has ended as well.
alive() { # PID
  local state
  [ -n "${1:-}" ] && { read -r state <"/proc/$1/stat"; } 2>/dev/null && [[ $state != *") Z "* ]]
}
pid_of() { cat "$1/pid" 2>/dev/null || true; }

wait_until_up() { # DIR; 0 when it answers, 1 when the process ended, 2 after 100 s
  local address pid deadline=$((SECONDS + 100))
  address=$(cat "$1/address")
  pid=$(pid_of "$1")
  while [ "$SECONDS" -lt "$deadline" ]; do
    alive "$pid" || return 1
    if kcat -L -b "$address" -m 1 -X reconnect.backoff.ms=20 -X reconnect.backoff.max.ms=50 \
        2>/dev/null | grep -q "^  broker [0-9]* at $address"; then
      return 0
    fi
  done
  return 2
}

format() { # DIR
  (java_exec kafka.tools.StorageTool format -t c3RyZWFtYy10ZXN0cy4uLg -c "$1/server.properties") >"$1/log" 2>&1
}

# Nodes of a cluster need each other to come up, so all begin before one is waited for.
start_broker() { # DIR NODES
  local dir=$1 attempt node fresh up formats pid
  mkdir -p "$dir"
  jars=$("$here/../tools/fetch_kafka.sh") || fail "the Kafka broker could not be fetched"
  for attempt in 1 2 3; do
    fresh= begun=() up=yes
    if [ ! -f "$dir/server.properties" ] && [ ! -d "$dir/1" ]; then
      lay_out "$dir" "$2"
      fresh=yes formats=()
      for node in $(nodes_of "$dir"); do
        format "$node" &
        formats+=($!)
      done
      for pid in "${formats[@]}"; do wait "$pid" || up=; done
      [ -n "$up" ] || { cat $(nodes_of "$dir" | sed 's,$,/log,') >&2; fail "formatting failed"; }
    fi
    for node in $(nodes_of "$dir"); do
      alive "$(pid_of "$node")" && continue
      (java_exec kafka.Kafka "$node/server.properties") >>"$node/log" 2>&1 </dev/null 9>&- &
      echo $! >"$node/pid"
      begun+=("$node")
    done
    [ ${#begun[@]} -gt 0 ] || fail "a broker runs already in $dir"
    for node in "${begun[@]}"; do wait_until_up "$node" || up=; done
    [ -z "$up" ] || return 0
    for node in "${begun[@]}"; do kill_broker "$node"; done
    # Another process may have taken a port between the choice and the start.
    for node in "${begun[@]}"; do ! grep -q -i 'address already in use' "$node/log" || up=taken; done
    [ "$up" = taken ] || break
    [ -z "$fresh" ] || rm -rf "$dir"/server.properties "$dir"/data "$dir"/[1-9]
  done
  tail -n 30 "${begun[@]/%//log}" >&2
  fail "Apache Kafka did not start; its log ends above"
}

await_exit() { # PID [SECONDS]; 1 when the process still runs after that time
  local deadline=$((SECONDS + ${2:-86400}))
  while alive "$1"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.02
  done
}

stop_broker() { # DIR of a node
  local pid
  pid=$(pid_of "$1")
  rm -f "$1/pid"
  alive "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  await_exit "$pid" 20 || kill -KILL "$pid" 2>/dev/null || true
  await_exit "$pid"
}

kill_broker() { # DIR of a node
  local pid
  pid=$(pid_of "$1")
  rm -f "$1/pid"
  alive "$pid" || return 0
  disown "$pid" 2>/dev/null || true
  kill -KILL "$pid" 2>/dev/null || true
  await_exit "$pid"
}

case ${1:-} in
  run | share)
    mode=$1
    shift
    [ $# -gt 0 ] || fail "$mode needs a command"
    if [ "$mode" = share ] && [ -n "${STREAMC_TEST_BROKERS:-}" ]; then exec "$@"; fi
    dir=$(mktemp -d "${TMPDIR:-/tmp}/streamc-broker.XXXXXX")
    command_pid=
    trap 'alive "$command_pid" && kill -TERM "$command_pid"; kill_broker "$dir"; rm -rf "$dir"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # The kernel ends the broker with this script, even after kill -9.
    attach=(setpriv --pdeathsig KILL)
    start_broker "$dir" 1
    code=0
    # In the background, because bash holds a signal's trap back while a foreground command runs.
    STREAMC_TEST_BROKERS=$(cat "$dir/address") setpriv --pdeathsig TERM "$@" <&0 &
    command_pid=$!
    wait "$command_pid" || code=$?
    command_pid=
    exit "$code"
    ;;
  start)
    dir=${2:?broker.sh start DIR}
    shift 2
    owner=$PPID nodes=1
    while [ $# -gt 0 ]; do
      case $1 in
        --owner) owner=${2:?--owner PID} ;;
        --nodes) nodes=${2:?--nodes N} ;;
        *) fail "unknown: $1" ;;
      esac
      shift 2
    done
    [[ $nodes =~ ^[1-9]$ ]] || fail "--nodes takes 1 to 9, not $nodes"
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    start_broker "$dir" "$nodes"
    if [ "$owner" != 0 ]; then
      for node in "${begun[@]}"; do
        pid=$(pid_of "$node")
        (while alive "$owner"; do alive "$pid" && sleep 0.5 || exit 0; done; kill -KILL "$pid") >/dev/null 2>&1 </dev/null &
      done
    fi
    cat "$dir/address"
    ;;
  stop | kill)
    dir=${2:?broker.sh $1 DIR} ends=()
    for node in $(nodes_of "$dir"); do
      "$1_broker" "$node" &
      ends+=($!)
    done
    for end in "${ends[@]}"; do wait "$end"; done
    ;;
  *) fail "usage: broker.sh run|share CMD... | start DIR [--owner PID] [--nodes N] | stop DIR | kill DIR" ;;
esac
