#!/usr/bin/env bash
# Fetches the ANTLR tool with Maven, once, and prints the jar's path.
# 4.9.2 is the last generator whose output compiles against the packaged C++ runtime 4.9.
#
#   fetch_antlr.sh [JAR]      default: .cache/antlr4-4.9.2-complete.jar of the tree
set -euo pipefail

version=4.9.2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
jar=${1:-$root/.cache/antlr4-$version-complete.jar}

usable() { [ -f "$jar" ] && python3 -m zipfile -t "$jar" >/dev/null 2>&1; }

if ! usable; then
  mkdir -p "$(dirname "$jar")"
  work=$(mktemp -d "$(dirname "$jar")/.antlr.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "fetching the ANTLR tool $version" >&2
  for attempt in 1 2 3; do
    if mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        -Dartifact="org.antlr:antlr4:$version:jar:complete" -DoutputDirectory="$work" >"$work/log" 2>&1; then
      mv "$work/antlr4-$version-complete.jar" "$jar"
      break
    fi
    echo "fetch_antlr: attempt $attempt of 3 failed" >&2
  done
  usable || { tail -n 20 "$work/log" >&2; exit 1; }
fi
echo "$jar"
