/* library.h - what the launcher has beside the programs it is given: NVIDIA's libraries, and
 * kernels of our own for operators.
 *
 * All are optional, and opened when something needs them: most programs do not. Handles go with the
 * program that asked for them, so that nothing a candidate may have overwritten on the device
 * serves the next one. One thread.
 */
#ifndef HONE_CUDA_LAUNCHER_LIBRARY_H
#define HONE_CUDA_LAUNCHER_LIBRARY_H

#include "hardware/cuda/launcher/cublas.h"
#include "hardware/cuda/launcher/cudnn.h"

#define HONE_LIBRARY_MEMORY ((size_t)64 << 20) /* of the device, to compute in */

struct launcher;

struct library {
    const char *cublas_path, *cudnn_path, *operators_path; /* "": there is none */
    struct cublas cublas;
    struct cudnn cudnn;
    uint64_t memory;
    void *operators; /* the module of our kernels */
    /* Why something cannot be had. */
    char cublas_text[160], cudnn_text[160], operators_text[160];
};

/* Ready to be called on the launcher's stream; NULL: it cannot be had, and library.*_text says why.
 */
struct cublas *library_cublas(struct launcher *launcher);
struct cudnn *library_cudnn(struct launcher *launcher);
/* A kernel of our own, "softmax". */
void *library_kernel(struct launcher *launcher, const char *name);

/* Handles back; the libraries stay open. */
void library_rest(struct launcher *launcher);

#endif
