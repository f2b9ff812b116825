#!/bin/sh
# How the plugins in this folder were built, once, with gcc 12 on Debian 12, against the headers that the release
# installs. They are never built again: what they need of a host is what every host must give.
set -e
cd "$(dirname "$0")"
for plugin in frozen_reward frozen_detector frozen_task; do
    gcc -std=c17 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden $(pkg-config --cflags hone) \
        -shared -s -Wl,--build-id=none -o $plugin.so $plugin.c
done
sha256sum frozen_*.c frozen_*.so >SHA256SUMS
