#!/bin/sh
# The main job, for `make run`: start a server, let an agent in another process and another language submit kernels
# to it through shared memory, and say where the record is. The argument is the build tree.
set -eu
build=$1
name=tour-$$
log=$(mktemp)
# Every kernel of the tour is ours, so it runs on machines of any confinement level.
"$build/hone" serve "$name" --trusted 2>"$log" &
server=$!
trap 'kill "$server" 2>/dev/null || :; wait "$server" 2>/dev/null || :; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
status=0
python3 examples/python/tour.py --session "$name" --tasks tasks || status=$?
sed -n 's/.*recorded in /record: /p' "$log"
[ "$status" -eq 0 ] || cat "$log" >&2
exit "$status"
