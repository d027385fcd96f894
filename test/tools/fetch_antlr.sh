#!/bin/sh
# Gets the ANTLR 4.9.2 tool from Maven into the cache folder; does nothing when it is there.
# usage: fetch_antlr.sh [path of the jar to make]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
jar=${1:-$root/.cache/antlr4-4.9.2-complete.jar}
[ -s "$jar" ] && exit 0

part=$(mktemp -d)
trap 'rm -rf "$part"' EXIT
mkdir -p "$(dirname "$jar")"
for attempt in 1 2 3 4 5; do
  if mvn -q -B dependency:copy -Dartifact=org.antlr:antlr4:4.9.2:jar:complete \
      -DoutputDirectory="$part" -Dmdep.useBaseVersion=true >"$part/log" 2>&1; then
    # Moved into place whole, so an interrupted run leaves no broken jar behind.
    mv "$part/antlr4-4.9.2-complete.jar" "$jar.$$"
    mv "$jar.$$" "$jar"
    exit 0
  fi
  echo "fetch_antlr: attempt $attempt failed, trying again" >&2
  sleep $((attempt * 2))
done
echo "fetch_antlr: the ANTLR tool could not be fetched; Maven says:" >&2
cat "$part/log" >&2
exit 1
