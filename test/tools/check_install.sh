#!/usr/bin/env bash
# An installed prefix works on its own: check_install.sh BUILD_DIR EXAMPLE_FOLDER
# Installs into an empty folder, compiles the example with the compiler there, looks at what the job
# needs from the system, and compares two compilations byte by byte.
set -euo pipefail
build=$1 example=$2
name=$(basename "$example")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/prefix" >"$work/log" || { cat "$work/log"; fail "cmake --install"; }
mkdir "$work/jobs" && cd "$work/jobs"
"$work/prefix/bin/streamc" "$example/$name.sdl" -o "$work/jobs/first"
"$work/prefix/bin/streamc" "$example/$name.sdl" -o "$work/jobs/second"
cmp first second || fail "the same source and compiler gave different bytes"

foreign=$(ldd first | awk '{print $1}' | grep -Ev '^(linux-vdso|libc|libm|libdl|libpthread|librt|.*/ld-linux-x86-64)\.so' || true)
[ -z "$foreign" ] || fail "the job needs more than glibc: $foreign"
size=$(stat -c %s first)
[ "$size" -le $((10 * 1024 * 1024)) ] || fail "the job has $size bytes, more than 10 MiB"
readelf -lW first | grep -q GNU_RELRO || fail "the job has no RELRO segment"
readelf -hW first | grep -q 'Type:.*DYN' || fail "the job is not position independent"
echo "installed prefix: $name compiles to $size bytes, twice the same, needing glibc only"
