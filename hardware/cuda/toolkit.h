/* toolkit.h - where NVRTC and its headers are on this machine, found at run time.
 *
 * Where the setting says, else in the places of places.h. The first library that compiles something
 * is taken. Immutable after opening; any thread.
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

struct hone_toolkit {
    char program[HONE_TOOLKIT_PATH_SIZE]; /* hone-nvrtc */
    char nvrtc[HONE_TOOLKIT_PATH_SIZE];   /* libnvrtc.so.13 */
    char include[HONE_TOOLKIT_PATH_SIZE]; /* of the toolkit; "" when its headers are not there */
    char device[HONE_TOOLKIT_PATH_SIZE];  /* ours, the same for every device; "": there are none */
    char front[HONE_TOOLKIT_PATH_SIZE];   /* ours, in front of the toolkit's; likewise */
    bool has_prelude;                     /* device/prelude.h, which goes before every source */
    char version[16];                     /* "13.0" */
    char identity[96];                    /* version and files: part of a cache's key */
    const char *options[HONE_TOOLKIT_OPTIONS_MAX + 1]; /* optional ones that it takes */
    char *paths[HONE_TOOLKIT_PATHS_MAX + 1];           /* all that the jail must show */
    size_t path_count;
};

/* `setting`: a toolkit's folder, or the library itself; NULL or "": look for it. `library`: the
 * folder of hone-nvrtc, device/common and device/nvrtc. -ENOENT with a text when there is none. */
int hone_toolkit_open(const char *setting, const char *library, struct hone_toolkit **toolkit,
                      struct hone_error *error);
void hone_toolkit_close(struct hone_toolkit *toolkit);

#endif
