/* toolkit_internal.h - what the files that find a toolkit share; nobody else includes it. */
#ifndef HONE_CUDA_TOOLKIT_INTERNAL_H
#define HONE_CUDA_TOOLKIT_INTERNAL_H

#include "hardware/cuda/toolkit.h"

int hone_toolkit_fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One more path for the jail, once. */
void hone_toolkit_show(struct hone_toolkit *toolkit, const char *path);

/* The headers that candidates may include, of the toolkit and of our own, with all that these
 * include: not the rest of the toolkit's. */
void hone_toolkit_find_headers(struct hone_toolkit *toolkit, const char *library);

#endif
