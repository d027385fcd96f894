#!/usr/bin/env bash
# Fetches the ANTLR tool with Maven, once, into .cache/ of the tree, and prints the jar's path.
# 4.9.2 is the last generator whose output compiles against the packaged C++ runtime 4.9.
set -euo pipefail

version=4.9.2
cache=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.cache
jar=$cache/antlr4-$version-complete.jar

usable() { [ -f "$jar" ] && python3 -m zipfile -t "$jar" >/dev/null 2>&1; }

if ! usable; then
  mkdir -p "$cache"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  echo "fetching the ANTLR tool $version" >&2
  for attempt in 1 2 3; do
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      -Dartifact="org.antlr:antlr4:$version:jar:complete" -DoutputDirectory="$cache" \
      -Dmdep.overWriteReleases=true >"$log" 2>&1 && usable && break
    echo "fetch_antlr: attempt $attempt of 3 failed" >&2
  done
  usable || { tail -n 20 "$log" >&2; exit 1; }
fi
echo "$jar"
