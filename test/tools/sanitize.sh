#!/usr/bin/env bash
# Builds the tree under sanitizers with clang, in its own folder, and runs the tests there.
#
#   sanitize.sh asan BUILD AddressSanitizer + UBSan with libFuzzer: unit, run, lit, example and fuzz tests
#   sanitize.sh tsan BUILD ThreadSanitizer: the runtime's unit tests
#
# BUILD is a finished ordinary build; the sanitized one goes to BUILD-asan or BUILD-tsan.
set -euo pipefail
kind=$1 build=$2-$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
jobs=$(nproc)
# Other tests run beside this, some with time limits of their own: they come first.
renice -n 19 $$ >/dev/null

case $kind in
  asan)
    options=(-DSTREAMC_SANITIZE=address,undefined -DSTREAMC_FUZZ=ON
      -DSTREAMC_JOB_RUNTIME="$2/lib/streamc/libstreamc_rt.a")
    targets=(tests_without_broker)
    tests=(-L '^(unit|run|fuzz|lit|example)$')
    ;;
  tsan)
    options=(-DSTREAMC_SANITIZE=thread)
    targets=(runtime_unit_tests)
    tests=(-L '^runtime$')
    ;;
  *) echo "usage: sanitize.sh asan|tsan DIR" >&2; exit 1 ;;
esac

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 \
  "${options[@]}" ${launcher[@]+"${launcher[@]}"} >"$build.configure.log" 2>&1 ||
  { tail -n 30 "$build.configure.log"; exit 1; }
ninja -C "$build" -j "$jobs" "${targets[@]}" >"$build.build.log" 2>&1 || { tail -n 60 "$build.build.log"; exit 1; }

export ASAN_OPTIONS=abort_on_error=0:detect_stack_use_after_return=1:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:${TSAN_OPTIONS:-}
exec ctest --test-dir "$build" --output-on-failure --no-label-summary --no-tests=error -j "$jobs" "${tests[@]}"
