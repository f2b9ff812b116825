/* The guest of trusted programs that call a library, and of the operators of plans: the same as
 * hone-guest once the library is loaded, but dynamically linked. Asked to, it only says what the
 * library is, and how fast.
 *
 *   hone-library PATH CORE         be a guest; with an empty PATH one that has operators only
 *   hone-library PATH CORE time    path, version, core type and ns per million operations, by line
 */
#include "hardware/cpu/guest/child.h"
#include "hardware/cpu/library/calls.h"

#include <stdio.h>
#include <string.h>

static const char *path, *core;

static const char *open_library(void) {
    return hone_library_open(path, core);
}

static const char *prepare(void) {
    const char *failed = *path ? open_library() : NULL;
    return failed ? failed : hone_library_operators(*path);
}

int main(int count, char **arguments) {
    struct hone_library library;
    if (count < 3)
        return 2;
    path = arguments[1];
    core = arguments[2];
    if (count == 3)
        return hone_guest_run(prepare, hone_library_run_operators);
    const char *failed = open_library();
    if (failed)
        return fprintf(stderr, "%s\n", failed), 1;
    hone_library_describe(&library);
    return printf("%s\n%s\n%s\n%.6g\n", library.path, library.version, library.core,
                  strcmp(arguments[3], "time") == 0 ? hone_library_time() : 0.) < 0;
}
