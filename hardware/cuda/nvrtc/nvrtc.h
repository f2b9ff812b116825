/* nvrtc.h - the part of NVRTC's interface that hone-nvrtc uses, found at run time.
 *
 * Declared here and not taken from the toolkit, so that no toolkit is needed to build: these names
 * and numbers are the library's binary interface (docs.nvidia.com/cuda/nvrtc). One thread.
 */
#ifndef HONE_CUDA_NVRTC_NVRTC_H
#define HONE_CUDA_NVRTC_NVRTC_H

#include <stddef.h>

struct nvrtc_program; /* the library's own */

enum { NVRTC_OUT_OF_MEMORY = 1, NVRTC_COMPILATION_FAILED = 6 };

struct nvrtc {
    int (*version)(int *major, int *minor);
    int (*create_program)(struct nvrtc_program **, const char *text, const char *name,
                          int header_count, const char *const *headers,
                          const char *const *header_names);
    int (*compile_program)(struct nvrtc_program *, int count, const char *const *options);
    int (*get_log_size)(struct nvrtc_program *, size_t *);
    int (*get_log)(struct nvrtc_program *, char *);
    int (*get_ptx_size)(struct nvrtc_program *, size_t *);
    int (*get_ptx)(struct nvrtc_program *, char *);
    const char *(*get_error_string)(int);
};

/* NULL, or why the library cannot be used. It stays loaded. */
const char *nvrtc_load(struct nvrtc *nvrtc, const char *path);

/* Say, a line each, what is of use before a jail is made: "version 13.0"; "ptx 9.0", the version of
 * what it writes; "option X" for each of the options that a compilation takes; then the files. */
void nvrtc_probe(const struct nvrtc *nvrtc, char *const *options);

#endif
