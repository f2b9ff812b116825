/* ptx.h - what PTX says about its kernels: their names and parameters, for programs that have no
 * cubin yet, since the driver is to make it.
 *
 * The text is untrusted. What is not understood is left out, never guessed: the driver has the last
 * word on every parameter. Any thread.
 */
#ifndef HONE_CUDA_PTX_H
#define HONE_CUDA_PTX_H

#include "hardware/cuda/cubin.h"

/* Changes the text, which has a NUL behind it: names are cut out of it, and the facts point there.
 * NULL, or why there is nothing to load. */
const char *hone_ptx_read(char *text, struct hone_cubin *cubin);

#endif
