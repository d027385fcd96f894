#!/usr/bin/env bash
# Everything from a fresh clone to a built tree: packages, the ANTLR tool, configuration, build.
#
#   build.sh BUILD_DIR [CMAKE_ARGUMENT...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
shift

"$root/test/tools/install_packages.sh"
"$root/test/tools/fetch_antlr.sh" >/dev/null

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
mkdir -p "$build"
echo "building in $build" >&2
cmake -S "$root" -B "$build" -G Ninja ${launcher[@]+"${launcher[@]}"} "$@" >"$build/configure.log" 2>&1 || {
  tail -n 40 "$build/configure.log" >&2
  exit 1
}
ninja -C "$build" -j "$(nproc)" >"$build/build.log" 2>&1 || {
  tail -n 80 "$build/build.log" >&2
  exit 1
}
