#!/usr/bin/env bash
# Installs the system packages that building and testing streamc needs, and only those missing.
# Debian 12 and later, Ubuntu 24.04 and later. Runs as root or through sudo; does nothing, and needs
# neither, when everything is there.
#
#   install_packages.sh [--list]     --list prints the missing packages and installs nothing
set -euo pipefail

# `a|b` means the first of the two that this distribution has.
wanted=(
  # tools
  g++ cmake ninja-build pkg-config git python3
  clang-19 llvm-19 llvm-19-dev llvm-19-tools lld-19 liblld-19-dev libpolly-19-dev libclang-rt-19-dev
  # libraries of the compiler
  libantlr4-runtime-dev libcxxopts-dev nlohmann-json3-dev libedit-dev
  # libraries of the runtime, and what a job links
  librdkafka-dev libssl-dev libzstd-dev liblz4-dev zlib1g-dev
  libsimdjson-dev libre2-dev libutf8proc-dev libxxhash-dev libspdlog-dev
  # tests
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev "kcat|kafkacat"
  # the grammar's generator and the Kafka broker of the tests come from Maven
  "default-jre-headless|openjdk-17-jre-headless" maven
)

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | cut -c1-2)" = ii ]; }
known() { [ -n "$(apt-cache policy "$1" 2>/dev/null | awk '/Candidate:/ && $2 != "(none)"')" ]; }

missing=()
for entry in "${wanted[@]}"; do
  found=no
  for name in ${entry//|/ }; do
    if installed "$name"; then found=yes; fi
  done
  [ "$found" = yes ] || missing+=("$entry")
done

if [ "${1:-}" = --list ]; then
  printf '%s\n' ${missing[@]+"${missing[@]}"}
  exit 0
fi
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "install_packages: missing ${missing[*]}; run this as root or install sudo" >&2
    exit 1
  }
  as_root=(sudo)
fi
apt_get=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive
  apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)

echo "installing ${#missing[@]} system packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for attempt in 1 2 3; do
  if "${apt_get[@]}" update >"$log" 2>&1; then
    names=()
    for entry in "${missing[@]}"; do
      choice=${entry%%|*}
      for name in ${entry//|/ }; do
        if known "$name"; then choice=$name; break; fi
      done
      names+=("$choice")
    done
    if "${apt_get[@]}" install -y --no-install-recommends "${names[@]}" >"$log" 2>&1; then
      exit 0
    fi
  fi
  echo "install_packages: attempt $attempt of 3 failed" >&2
done
tail -n 30 "$log" >&2
exit 1
