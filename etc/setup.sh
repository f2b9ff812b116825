#!/bin/sh
# Install the Debian packages Hone is built and tested with. Idempotent; says what it does.
# Packages that only make something faster or richer are asked for, but not insisted on.
set -eu

needed="build-essential pkg-config python3 libjansson-dev libinih-dev libsqlite3-dev
        libxxhash-dev libseccomp-dev libzydis-dev libcriterion-dev"
wanted="clang libclang-rt-dev libopenblas0-serial"

missing() {
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
            printf '%s ' "$package"
    done
}

if ! command -v apt-get >/dev/null; then
    echo "setup: no apt-get here; install by hand what is missing of:" $needed >&2
    exit 0
fi
lacking=$(missing $needed)
extra=$(missing $wanted)
[ -n "$lacking$extra" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: these packages are missing, and there is no sudo: $lacking" >&2
        [ -z "$lacking" ] && exit 0
        exit 1
    }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
echo "setup: updating the list of packages"
$as_root apt-get update -qq || echo "setup: the list of packages could not be updated" >&2
if [ -n "$lacking" ]; then
    echo "setup: installing $lacking"
    $as_root apt-get install -y -qq --no-install-recommends $lacking >/dev/null
fi
for package in $extra; do
    echo "setup: installing $package (optional)"
    $as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
        echo "setup: $package is not to be had; going on without it"
done
