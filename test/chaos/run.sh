#!/usr/bin/env bash
# The chaos run in a built tree: test/chaos/run.sh [--long] [--jobs N] [--seed N] [--only R1,R3] [--part measured|others] [--work DIR] [--list]
# STREAMC_BUILD_DIR names the build folder (default: build/).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${STREAMC_BUILD_DIR:-$root/build}
exec python3 "$root/test/chaos/chaos.py" --tool "$build/test/bin/chaos_tool" --streamc "$build/bin/streamc" "$@"
