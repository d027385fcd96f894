#!/usr/bin/env bash
# From a fresh clone to a running stream job: installs what is missing, builds streamc, compiles
# trending.sdl to one native binary and runs it on a bundled file of tweets. No broker needed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${STREAMC_BUILD_DIR:-$root/build}
example=$root/examples/trending
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

"$root/test/tools/build.sh" "$build"

say "\$ streamc trending.sdl"
"$build/bin/streamc" "$example/trending.sdl" -o "$out/trending"
ls -lh "$out/trending" | awk '{print $5, "trending"}'

say "\$ ./trending --bind tweets=file:tweets.jsonl --bind trending=stdout --until end"
"$out/trending" --bind tweets=file:"$example/tweets.jsonl" --bind trending=stdout --until end \
  >"$out/rows" 2>"$out/log" || { code=$?; cat "$out/log" >&2; exit "$code"; }

say "top five words of every minute"
python3 - "$out/rows" <<'PY'
import json
import sys

minutes = {}
with open(sys.argv[1], encoding="utf-8") as rows:
    for line in rows:
        row = json.loads(line)
        minutes.setdefault(row["minute"], []).append(f'{row["word"]} {row["n"]}')
if not minutes:
    sys.exit("the job wrote no rows")
for minute, words in sorted(minutes.items()):
    print(minute, " ", ", ".join(words[:5]))
PY

say "what the job says about late rows and bad records"
cat "$out/log"
