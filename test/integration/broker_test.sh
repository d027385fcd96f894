#!/usr/bin/env bash
# The broker fixture itself: records survive an orderly stop and a kill -9, exit codes pass through
# `run`, and nothing is left behind.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
broker=$here/broker.sh
work=$(mktemp -d)
trap '"$broker" kill "$work/b"; rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

STREAMC_BROKER_CONFIG=auto.create.topics.enable=true "$broker" start "$work/b" --owner $$ >"$work/address"
address=$(cat "$work/address")
produce() { kcat -P -b "$address" -t survives -X message.timeout.ms=20000; }
consume() { kcat -C -b "$address" -t survives -e -q -m 20; }

echo one | produce
[ "$(consume)" = one ] || fail "a record does not come back"
"$broker" stop "$work/b"
[ ! -e "$work/b/pid" ] || fail "stop leaves a pid behind"
[ "$("$broker" start "$work/b" --owner $$)" = "$address" ] || fail "a restart changes the address"
echo two | produce
"$broker" kill "$work/b"
"$broker" start "$work/b" --owner $$ >/dev/null
[ "$(consume | tr '\n' ' ')" = "one two " ] || fail "records are lost: $(consume)"
"$broker" stop "$work/b"

code=0
TMPDIR=$work "$broker" run bash -c '[ -n "$STREAMC_TEST_BROKERS" ] && exit 7' || code=$?
[ "$code" = 7 ] || fail "run returned $code, not the command's 7"
ls -d "$work"/streamc-broker.* >/dev/null 2>&1 && fail "run leaves its folder behind"
echo "broker fixture: all checks passed"
