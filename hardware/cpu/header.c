#include "hardware/cpu/cpu.h"

#include <string.h>

/* Headers whose order among each other makes no difference to what a source sees. */
static const char *const indifferent[] = {
    "complex.h", "float.h",  "inttypes.h", "limits.h", "math.h",
    "stdbool.h", "stddef.h", "stdint.h",   "stdlib.h", "string.h",
};
static const char *const vector[] = {"immintrin.h", "x86intrin.h"};

static bool is_one_of(const char *const *names, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return true;
    return false;
}

/* Past white space and comments; NULL where a comment or a joined line is not plain. */
static const char *skip_blank(const char *at) {
    for (;;) {
        at += strspn(at, " \t\n\r\f\v");
        if (strncmp(at, "//", 2) == 0) {
            size_t length = strcspn(at, "\n");
            if (memchr(at, '\\', length))
                return NULL;
            at += length;
        } else if (strncmp(at, "/*", 2) == 0) {
            at = strstr(at + 2, "*/");
            if (!at)
                return NULL;
            at += 2;
        } else {
            return at;
        }
    }
}

/* Nothing but includes may stand before the vector header: then including it first is the same. */
bool hone_cpu_begins_with_vectors(const char *source) {
    for (const char *at = skip_blank(source); at && *at == '#'; at = skip_blank(at)) {
        at += 1 + strspn(at + 1, " \t");
        if (strncmp(at, "include", 7) != 0)
            return false;
        at += 7 + strspn(at + 7, " \t");
        size_t length = *at == '<' ? strcspn(at + 1, ">\n") : 0;
        if (!length || at[1 + length] != '>')
            return false;
        const char *name = at + 1;
        at = name + length + 1;
        at += strspn(at, " \t\r");
        if (*at && *at != '\n' && strncmp(at, "//", 2) != 0 && strncmp(at, "/*", 2) != 0)
            return false;
        if (is_one_of(vector, sizeof vector / sizeof *vector, name, length))
            return true;
        if (!is_one_of(indifferent, sizeof indifferent / sizeof *indifferent, name, length))
            return false;
    }
    return false;
}
