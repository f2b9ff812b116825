#!/usr/bin/awk -f
# Who may include whom. Every include of ours is written from the root, so it shows. And which of Criterion's
# comparisons no test may use: tests/support.h says why.
BEGIN {
    may["ipc"]      = " ipc "
    may["plugins"]  = " plugins "
    may["hardware"] = " plugins hardware "
    may["core"]     = " core ipc plugins "
    may["tests"]    = " core ipc plugins hardware tests "
    may["examples"] = " "
}
FNR == 1 { path = FILENAME; sub(/^\.\//, "", path); split(path, part, "/"); from = part[1] }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, name, "\""); to = name[2]
    if (to !~ /\//) next                    # same folder
    kind = to; sub(/\/.*/, "", kind)
    if ((from in may && index(may[from], " " kind " ") == 0) ||
        (from == "core" && kind == "plugins" && to !~ /^plugins\/[a-z]+\.h$/) ||
        (from == "hardware" && kind == "plugins" && to !~ /^plugins\/[a-z]+\.h$/)) {
        printf "%s:%d: %s may not include %s\n", path, FNR, from, to; bad = 1
    }
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    split($0, name, /[<>]/)
    if (from == "ipc" && name[2] ~ /^(jansson|ini|sqlite3|xxhash|seccomp|zstd)/) {
        printf "%s:%d: ipc may use libc only, not %s\n", path, FNR, name[2]; bad = 1
    }
}
from == "tests" && /(^|[^A-Za-z0-9_])(gt *\(|(ge|not *\( *(lt|le)) *\( *(flt|dbl|ldbl) *,)/ {
    printf "%s:%d: this holds where it should not: write lt() or le(), smaller value first\n", path, FNR; bad = 1
}
END { exit bad }
