/* toolkit.h - where NVRTC, its headers and an assembler are on this machine, found at run time.
 *
 * Where the setting says, else in the places of places.h. The first library that compiles something
 * is taken, unless others could have put it there (hardware/trust.h). The assembler, which makes the
 * machine code out of its PTX, is one that takes what this very NVRTC writes. Immutable after
 * opening; any thread.
 */
#ifndef HONE_CUDA_TOOLKIT_H
#define HONE_CUDA_TOOLKIT_H

#include "plugins/plugin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HONE_TOOLKIT_PATH_SIZE 512
#define HONE_TOOLKIT_PATHS_MAX 96
#define HONE_TOOLKIT_OPTIONS_MAX 4

/* What a jail must show. */
struct hone_toolkit_paths {
    char *items[HONE_TOOLKIT_PATHS_MAX + 1]; /* NULL-terminated */
    size_t count;
};

enum hone_assembler_kind {
    HONE_ASSEMBLER_DRIVER = 0, /* none was found: the driver does it when it loads the program */
    HONE_ASSEMBLER_PTXAS,
    HONE_ASSEMBLER_JITLINK,
};

struct hone_assembler {
    enum hone_assembler_kind kind;
    char path[HONE_TOOLKIT_PATH_SIZE]; /* ptxas, or libnvJitLink.so.13 */
    char name[32];                     /* "ptxas 13.0", "nvJitLink 13.0", "driver" */
    struct hone_toolkit_paths paths;
};

struct hone_toolkit {
    char program[HONE_TOOLKIT_PATH_SIZE]; /* hone-nvrtc */
    char nvrtc[HONE_TOOLKIT_PATH_SIZE];   /* libnvrtc.so.13 */
    char include[HONE_TOOLKIT_PATH_SIZE]; /* of the toolkit; "" when its headers are not there */
    char device[HONE_TOOLKIT_PATH_SIZE];  /* ours, the same for every device; "": there are none */
    char front[HONE_TOOLKIT_PATH_SIZE];   /* ours, in front of the toolkit's; likewise */
    bool has_prelude;                     /* device/prelude.h, which goes before every source */
    bool is_named;                        /* by the setting, which is taken at its word */
    char passed_over[HONE_TOOLKIT_PATH_SIZE]; /* hardware/trust.h; "": nothing was */
    char version[16];                         /* "13.0" */
    char ptx[16];                             /* of the language that it writes: "9.0" */
    char identity[128]; /* "nvrtc 13.0, ptxas 13.0, files ...": part of a cache's key */
    const char *options[HONE_TOOLKIT_OPTIONS_MAX + 1]; /* optional ones that it takes */
    struct hone_toolkit_paths paths;
    struct hone_assembler assembler;
};

/* `setting`: the folder of a toolkit or of a Python environment, or the library itself;
 * `assembler`: ptxas or libnvJitLink.so, or "driver" for none; NULL or "": look for it. `library`:
 * the folder of hone-nvrtc, device/common and device/nvrtc. -ENOENT with a text when there is no
 * NVRTC, or not the assembler that was named.
 */
int hone_toolkit_open(const char *setting, const char *assembler, const char *library,
                      struct hone_toolkit **toolkit, struct hone_error *error);
void hone_toolkit_close(struct hone_toolkit *toolkit);

/* How much of the identity says who makes the images, and not of which files. */
int hone_toolkit_makers_length(const struct hone_toolkit *toolkit);

#endif
