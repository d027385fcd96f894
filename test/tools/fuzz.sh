#!/usr/bin/env bash
# One bounded fuzzing run: fuzz.sh TARGET RUNS SEED_FILE_OR_FOLDER...
# Starts from the seeds, writes new inputs to a temporary folder only, and keeps a failing input in
# the current folder for the corpus.
set -euo pipefail
target=$1 runs=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/new" "$work/seeds"
number=0
while IFS= read -r -d '' seed; do
  number=$((number + 1))
  cp "$seed" "$work/seeds/$number"
done < <(find "$@" -type f -print0 | sort -z)
[ "$number" -gt 0 ] || { echo "fuzz: no seeds in $*" >&2; exit 1; }
"$target" -seed=1 -runs="$runs" -max_total_time=60 -timeout=10 -rss_limit_mb=2048 \
  -print_final_stats=1 "$work/new" "$work/seeds" 2>&1 | tail -n 40
