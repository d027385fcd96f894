#!/usr/bin/env bash
# Runs everything: installs what is missing, builds, starts a real Kafka broker, runs every layer of
# tests and ends with ctest's summary line. Works on a fresh Debian 12 or Ubuntu 24.04 machine.
#
#   test/run.sh [CTEST_ARGUMENT...]    for example `test/run.sh -L unit` or `test/run.sh -R trending`
#
# STREAMC_BUILD_DIR names the build folder (default: build/).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${STREAMC_BUILD_DIR:-$root/build}

"$root/test/tools/build.sh" "$build" -DSTREAMC_FULL_TESTS=ON
"$root/test/tools/fetch_kafka.sh" >/dev/null

# ctest prints the summary last; the broker is stopped whatever happens.
exec "$root/test/integration/broker.sh" run \
  ctest --test-dir "$build" --output-on-failure --no-label-summary --no-tests=error -j "$(nproc)" "$@"
