/* toolkit_internal.h - what the files that find a toolkit share; nobody else includes it. */
#ifndef HONE_CUDA_TOOLKIT_INTERNAL_H
#define HONE_CUDA_TOOLKIT_INTERNAL_H

#include "hardware/cuda/toolkit.h"

int hone_toolkit_fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The file or folder itself, wherever links lead; false: there is none, or its path is too long. */
bool hone_toolkit_resolve(const char *path, char whole[HONE_TOOLKIT_PATH_SIZE]);

/* One more path for a jail, once. */
void hone_toolkit_show(struct hone_toolkit_paths *paths, const char *path);
void hone_toolkit_hide(struct hone_toolkit_paths *paths);

/* The headers that candidates may include, of the toolkit and of our own, with all that these
 * include: not the rest of the toolkit's. */
void hone_toolkit_find_headers(struct hone_toolkit *toolkit, const char *library);

/* assembler.c: for an NVRTC that was found. -ENOENT only when `setting` names one that does not
 * work. */
int hone_toolkit_find_assembler(struct hone_toolkit *toolkit, const char *setting,
                                struct hone_error *error);

/* Take "file PATH", a line of hone-nvrtc's; false: it is none. */
bool hone_toolkit_take_file(struct hone_toolkit_paths *paths, const char *line);

#endif
