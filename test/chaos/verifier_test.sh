#!/usr/bin/env bash
# The verifier itself: right results pass, and each mistake of plant.cpp is seen by the check that is there for it.
#
#   verifier_test.sh CHAOS_TOOL      under test/integration/broker.sh run
set -euo pipefail
tool=${1:?verifier_test.sh CHAOS_TOOL}
run=$(date +%s%N)
events=verifier-$run.events
failed=0

"$tool" topics --prefix "verifier-$run" --partitions 3
"$tool" feed --events-topic "$events" --events 6000 --pace 10 --users 30 --items 12 >/dev/null
while IFS=$'\t' read -r mistake what check; do
  prefix=verifier-$run-$mistake
  "$tool" topics --prefix "$prefix" --partitions 3
  digests=$("$tool" plant --prefix "$prefix" --events-topic "$events" --group "$prefix" --mistake "$mistake")
  code=0
  report=$("$tool" verify --prefix "$prefix" --events-topic "$events" --group "$prefix" --wait 0) || code=$?
  report+=$'\n'$("$tool" state --group "$prefix" <<<"$digests") || code=$?
  if [ -z "$check" ]; then
    [ "$code" = 0 ] && { echo "passed, as it should: $what"; continue; }
  else
    [ "$code" = 1 ] && grep -q "^VIOLATED *$check" <<<"$report" && { echo "caught: $what"; continue; }
  fi
  echo "FAILED: $mistake ($what) gave $code:"
  echo "$report"
  failed=1
done < <("$tool" mistakes)
exit "$failed"
