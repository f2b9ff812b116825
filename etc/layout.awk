#!/usr/bin/awk -f
# Write what a server and its agents share as C, Python or JSON: -v form=c|python|json ipc/layout.txt

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

# Two independent 32-bit polynomial hashes: awk's numbers are doubles, exact below 2^53.
function mix(text,    i, code) {
    text = text "\n"
    for (i = 1; i <= length(text); i++) {
        code = ordinal[substr(text, i, 1)]
        low = (low * 65599 + code) % 4294967291
        high = (high * 31337 + code + 7) % 4294967279
    }
}

function hex32(value) {
    return sprintf("%04x%04x", int(value / 65536), value % 65536)
}

function rest(from,    text, i) {
    text = ""
    for (i = from; i <= NF; i++)
        text = text (i > from ? " " : "") $i
    return text
}

function add_field(type, count, name, comment,    n) {
    if (!(type in size_of))
        fail("unknown type " type)
    if (offset % align_of[type])
        fail(struct "." name " at offset " offset " is not aligned to " align_of[type])
    n = ++field_count[struct]
    field_type[struct, n] = type
    field_items[struct, n] = count
    field_name[struct, n] = name
    field_note[struct, n] = comment
    field_at[struct, n] = offset
    if (align_of[type] > align_of[struct])
        align_of[struct] = align_of[type]
    mix(struct " " offset " " type " " count " " name)
    offset += size_of[type] * (count ? count : 1)
}

function end_struct() {
    if (struct == "")
        return
    if (offset != want)
        fail(struct " has " offset " bytes, not " want)
    size_of[struct] = want
    c_type[struct] = "struct " struct
    struct = ""
}

BEGIN {
    for (i = 1; i < 128; i++)
        ordinal[sprintf("%c", i)] = i
    split("u8 u16 u32 u64 i32 i64 f64 char", types, " ")
    split("1 2 4 8 4 8 8 1", sizes, " ")
    split("uint8_t uint16_t uint32_t uint64_t int32_t int64_t double char", names, " ")
    split("B H I Q i q d s", codes, " ")
    for (i in types) {
        size_of[types[i]] = align_of[types[i]] = sizes[i] + 0
        c_type[types[i]] = names[i]
        code_of[types[i]] = codes[i]
    }
    low = 17
    high = 29
}

/^#/ || NF == 0 { next }

$1 == "version" {
    major = $2
    minor = $3
    mix("version " major " " minor)
    next
}

$1 == "constant" {
    end_struct()
    constant[++constants] = $2
    value_of[$2] = $3
    note_of[$2] = rest(4)
    mix($2 " " $3)
    next
}

$1 == "enum" || $1 == "struct" {
    end_struct()
    enum = ""
    item[++items] = $1 " " $2
    if ($1 == "enum") {
        enum = $2
        note_of[enum] = rest(3)
    } else {
        struct = $2
        want = $3
        note_of[struct] = rest(4)
        offset = 0
        align_of[struct] = 1
        reserved = 0
    }
    mix($1 " " $2)
    next
}

struct != "" && $1 == "at" {
    if ($2 < offset)
        fail("at " $2 " lies before " offset)
    if ($2 > offset)
        add_field("u8", $2 - offset, "reserved_" ++reserved, "0")
    next
}

struct != "" {
    type = $1
    count = 0
    if (match(type, /\[.*\]$/)) {
        count = substr(type, RSTART + 1, RLENGTH - 2)
        type = substr(type, 1, RSTART - 1)
        if (count in value_of)
            count = value_of[count]
    }
    add_field(type, count + 0, $2, rest(3))
    next
}

enum != "" {
    n = ++member_count[enum]
    member_name[enum, n] = $1
    member_value[enum, n] = $2
    member_note[enum, n] = rest(3)
    mix($1 " " $2)
    next
}

{ fail("not understood: " $0) }

function note(text) {
    return text == "" ? "" : " /* " text " */"
}

function padded_name(s, n) {
    return field_name[s, n] (field_items[s, n] ? "[" field_items[s, n] "]" : "")
}

function write_c(    i, n, part, s, f) {
    print "/* layout.h - what a server and its agents share. Made from ipc/layout.txt: change that, then"
    print " * `make layout`."
    print " *"
    print " * Fixed-width, little-endian, offsets and no pointers, so that any language can map it. Each"
    print " * direction of a lane is a ring of 64-byte lines with one writer and one reader."
    print " *"
    print " * Memory order, the whole contract: the writer writes the payload (line and block), then stores"
    print " * `sequence` with release; the reader loads `sequence` with acquire, and only when it is the one"
    print " * it expects next reads the payload. Who then may sleep announces it in its `parked` word, passes"
    print " * a sequentially consistent fence and looks again; who publishes passes such a fence and reads the"
    print " * other side's `parked`."
    print " */"
    print "/* clang-format off */"
    print "#ifndef HONE_IPC_LAYOUT_H"
    print "#define HONE_IPC_LAYOUT_H"
    print ""
    print "#include <stddef.h>"
    print "#include <stdint.h>"
    print ""
    print "#ifdef __cplusplus"
    print "#define HONE_LAYOUT_ASSERT static_assert"
    print "#else"
    print "#define HONE_LAYOUT_ASSERT _Static_assert"
    print "#endif"
    print ""
    printf "#define HONE_LAYOUT_MAJOR %s\n#define HONE_LAYOUT_MINOR %s\n", major, minor
    printf "#define HONE_LAYOUT_HASH 0x%sull\n", hash
    for (i = 1; i <= constants; i++)
        printf "#define %s %s%s\n", constant[i], literal(value_of[constant[i]]), note(note_of[constant[i]])
    for (i = 1; i <= items; i++) {
        split(item[i], part, " ")
        s = part[2]
        printf "\n%s %s {%s\n", part[1], s, note(note_of[s])
        if (part[1] == "enum") {
            for (n = 1; n <= member_count[s]; n++)
                printf "    %s = %s,%s\n", member_name[s, n], member_value[s, n], note(member_note[s, n])
            print "};"
            continue
        }
        for (n = 1; n <= field_count[s]; n++)
            printf "    %s %s;%s\n", c_type[field_type[s, n]], padded_name(s, n), note(field_note[s, n])
        print "};"
        printf "HONE_LAYOUT_ASSERT(sizeof(struct %s) == %d, \"size\");\n", s, size_of[s]
        for (n = 1; n <= field_count[s]; n++)
            printf "HONE_LAYOUT_ASSERT(offsetof(struct %s, %s) == %d, \"offset\");\n", s, field_name[s, n], field_at[s, n]
    }
    write_fields("hone_observation", "HONE_OBSERVATION_FIELDS")
    write_fields("hone_counters", "HONE_COUNTERS_FIELDS")
    print ""
    print "#undef HONE_LAYOUT_ASSERT"
    print "#endif"
}

# X(type, name, count): for code that walks all fields of a struct.
function write_fields(s, macro,    n) {
    printf "\n/* X(type, name, count) for every field of struct %s; count 0: not an array. */\n#define %s(X)", s, macro
    for (n = 1; n <= field_count[s]; n++)
        if (field_name[s, n] !~ /^reserved/)
            printf " \\\n    X(%s, %s, %d)", field_type[s, n], field_name[s, n], field_items[s, n]
    print ""
}

function literal(value) {
    return length(value) > 10 ? value "ull" : value "u"
}

function plain(name) {
    sub(/^HONE_/, "", name)
    return name
}

function python_code(type, count) {
    if (!(type in code_of))
        return toupper(substr(type, 6))
    return type == "char" ? count "s" : code_of[type]
}

function write_python(    i, n, part, s, c) {
    print "\"\"\"What a server and its agents share. Made from ipc/layout.txt: change that, then `make layout`."
    print ""
    print "A struct is a dictionary: field -> (offset, struct code, count); count 0 is not an array."
    print "\"\"\""
    print ""
    printf "MAJOR = %s\nMINOR = %s\nHASH = \"%s\"\n", major, minor, hash
    for (i = 1; i <= constants; i++)
        printf "%s = %s\n", plain(constant[i]), value_of[constant[i]]
    for (i = 1; i <= items; i++) {
        split(item[i], part, " ")
        s = part[2]
        print ""
        if (part[1] == "enum") {
            for (n = 1; n <= member_count[s]; n++)
                printf "%s = %s\n", plain(member_name[s, n]), member_value[s, n]
            continue
        }
        printf "%s_SIZE = %d\n%s = {\n", plain_struct(s), size_of[s], plain_struct(s)
        for (n = 1; n <= field_count[s]; n++) {
            c = field_type[s, n] == "char" ? 0 : field_items[s, n]
            if (field_name[s, n] !~ /^reserved/)
                printf "    \"%s\": (%d, \"%s\", %d),\n", field_name[s, n], field_at[s, n], python_code(field_type[s, n], field_items[s, n]), c
        }
        print "}"
    }
}

function plain_struct(name) {
    return toupper(substr(name, 6))
}

function write_json(    i, n, part, s, first) {
    printf "{\n  \"major\": %s,\n  \"minor\": %s,\n  \"hash\": \"%s\",\n  \"byte_order\": \"little\",\n  \"constants\": {", major, minor, hash
    for (i = 1; i <= constants; i++)
        printf "%s\n    \"%s\": %s", (i > 1 ? "," : ""), constant[i], json_value(value_of[constant[i]])
    printf "\n  },\n  \"enums\": {"
    first = 1
    for (i = 1; i <= items; i++) {
        split(item[i], part, " ")
        s = part[2]
        if (part[1] != "enum")
            continue
        printf "%s\n    \"%s\": {", (first ? "" : ","), s
        first = 0
        for (n = 1; n <= member_count[s]; n++)
            printf "%s\n      \"%s\": %s", (n > 1 ? "," : ""), member_name[s, n], member_value[s, n]
        printf "\n    }"
    }
    printf "\n  },\n  \"structs\": {"
    first = 1
    for (i = 1; i <= items; i++) {
        split(item[i], part, " ")
        s = part[2]
        if (part[1] != "struct")
            continue
        printf "%s\n    \"%s\": {\n      \"size\": %d,\n      \"fields\": [", (first ? "" : ","), s, size_of[s]
        first = 0
        for (n = 1; n <= field_count[s]; n++)
            printf "%s\n        {\"name\": \"%s\", \"type\": \"%s\", \"offset\": %d, \"count\": %d}", (n > 1 ? "," : ""), field_name[s, n], field_type[s, n], field_at[s, n], field_items[s, n]
        printf "\n      ]\n    }"
    }
    print "\n  }\n}"
}

function json_value(value) {
    return value ~ /^0x/ ? "\"" value "\"" : value
}

END {
    if (failed)
        exit 1
    end_struct()
    hash = hex32(high) hex32(low)
    if (form == "c")
        write_c()
    else if (form == "python")
        write_python()
    else
        write_json()
}
