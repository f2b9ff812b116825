/* places.h - where the libraries of the CUDA toolkit are on this machine.
 *
 * Looked for, in this order: $CUDA_HOME and $CUDA_PATH; /usr/local/cuda and other usual places; the
 * wheels that pip installs (nvidia/cu13 and alike) below $VIRTUAL_ENV, $CONDA_PREFIX, the home
 * folder and the system's Python. Any thread.
 */
#ifndef HONE_CUDA_PLACES_H
#define HONE_CUDA_PLACES_H

#include <stdbool.h>

/* A library, and who decides. */
struct hone_cuda_wanted {
    const char *name;                              /* "libnvrtc" */
    const char *wheel;                             /* the folder of its own wheel, "cuda_nvrtc" */
    bool (*take)(void *context, const char *path); /* whether this file will do */
    void *context;
};

/* Offer what is there, in each place the highest version first, until a file is taken. False: none
 * was. */
bool hone_cuda_look_around(const struct hone_cuda_wanted *wanted);

/* The same in one place: a toolkit's folder, a wheel's, a library's, or the library itself. */
bool hone_cuda_look_in(const struct hone_cuda_wanted *wanted, const char *folder);

/* The same in the wheels below a Python environment's folder. */
bool hone_cuda_look_in_wheels(const struct hone_cuda_wanted *wanted, const char *prefix);

#endif
