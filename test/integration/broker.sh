#!/usr/bin/env bash
# A real Apache Kafka broker (one KRaft node on loopback) for tests.
#
#   broker.sh run CMD...            starts a broker, runs CMD with STREAMC_TEST_BROKERS=HOST:PORT,
#                                   stops the broker and returns CMD's exit code
#   broker.sh share CMD...          the same, but uses the broker of an enclosing `run` if there is one
#   broker.sh start DIR [--owner PID]
#                                   starts a broker whose ports, data and log live in DIR (made when
#                                   missing; reused after a stop or kill) and prints HOST:PORT.
#                                   It is stopped when process PID ends (default: the caller; 0: never)
#   broker.sh stop DIR              shuts that broker down in order and returns when it is gone
#   broker.sh kill DIR              kill -9, for tests of broker loss; DIR can be started again
#
# Nothing waits for a fixed time: a broker counts as up when it answers a metadata request.
# STREAMC_BROKER_HEAP (default 512m) sets its heap, STREAMC_BROKER_CONFIG adds `key=value` lines.
# STREAMC_BROKER_PROXY=PORT adds a second listener, whose port `start` writes to DIR/behind_proxy: clients that come through
# a proxy on 127.0.0.1:PORT stay behind it, because that is the address this listener tells them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
attach=()
fail() { echo "broker: $*" >&2; exit 1; }

# Three ports free at this moment: listener, controller, and the listener behind a proxy.
pick_ports() {
  python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(3)]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
}

write_config() { # DIR LISTENER_PORT CONTROLLER_PORT PROXIED_PORT
  local proxied= advertised= protocol=
  if [ -n "${STREAMC_BROKER_PROXY:-}" ]; then
    proxied=,PROXIED://127.0.0.1:$4 advertised=,PROXIED://127.0.0.1:$STREAMC_BROKER_PROXY protocol=,PROXIED:PLAINTEXT
    echo "$4" >"$1/behind_proxy"
  fi
  cat >"$1/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$3
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3$proxied
advertised.listeners=PLAINTEXT://127.0.0.1:$2$advertised
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT$protocol
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
log.initial.task.delay.ms=600000
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
alive() { [ -n "${1:-}" ] && [ -r "/proc/$1/stat" ] && ! grep -q '^[0-9]* (.*) Z' "/proc/$1/stat" 2>/dev/null; }
pid_of() { cat "$1/pid" 2>/dev/null || true; }

wait_until_up() { # DIR; 0 when it answers, 1 when the process ended, 2 after 60 s
  local address pid deadline=$((SECONDS + 60))
  address=$(cat "$1/address")
  pid=$(pid_of "$1")
  while [ "$SECONDS" -lt "$deadline" ]; do
    alive "$pid" || return 1
    if kcat -L -b "$address" -m 1 -X reconnect.backoff.ms=20 -X reconnect.backoff.max.ms=50 \
        2>/dev/null | grep -q '^ 1 brokers:'; then
      return 0
    fi
  done
  return 2
}

start_broker() { # DIR
  local dir=$1 ports attempt
  mkdir -p "$dir"
  jars=$("$here/../tools/fetch_kafka.sh") || fail "the Kafka broker could not be fetched"
  alive "$(pid_of "$dir")" && fail "a broker runs already in $dir"
  for attempt in 1 2 3; do
    if [ ! -f "$dir/data/meta.properties" ]; then
      read -r -a ports < <(pick_ports)
      write_config "$dir" "${ports[@]}"
      echo "127.0.0.1:${ports[0]}" >"$dir/address"
      (java_exec kafka.tools.StorageTool format -t c3RyZWFtYy10ZXN0cy4uLg \
        -c "$dir/server.properties") >"$dir/log" 2>&1 || { cat "$dir/log" >&2; fail "formatting failed"; }
    fi
    (java_exec kafka.Kafka "$dir/server.properties") >>"$dir/log" 2>&1 </dev/null 9>&- &
    echo $! >"$dir/pid"
    wait_until_up "$dir" && return 0
    kill_broker "$dir"
    # Another process may have taken a port between the choice and the start.
    grep -q -i 'address already in use' "$dir/log" || break
    rm -rf "$dir/data"
  done
  tail -n 30 "$dir/log" >&2
  fail "Apache Kafka did not start; its log ends above"
}

await_exit() { # PID [SECONDS]; 1 when the process still runs after that time
  local deadline=$((SECONDS + ${2:-86400}))
  while alive "$1"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.02
  done
}

stop_broker() { # DIR
  local pid
  pid=$(pid_of "$1")
  rm -f "$1/pid"
  alive "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  await_exit "$pid" 20 || kill -KILL "$pid" 2>/dev/null || true
  await_exit "$pid"
}

kill_broker() { # DIR
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
    start_broker "$dir"
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
    owner=$PPID
    if [ "${3:-}" = --owner ]; then owner=${4:?--owner PID}; fi
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    start_broker "$dir"
    if [ "$owner" != 0 ]; then
      pid=$(pid_of "$dir")
      (await_exit "$owner"; kill -KILL "$pid") >/dev/null 2>&1 </dev/null &
    fi
    cat "$dir/address"
    ;;
  stop) stop_broker "${2:?broker.sh stop DIR}" ;;
  kill) kill_broker "${2:?broker.sh kill DIR}" ;;
  *) fail "usage: broker.sh run|share CMD... | start DIR [--owner PID] | stop DIR | kill DIR" ;;
esac
