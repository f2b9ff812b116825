/* look.h - what the launcher asks its kernels of an output: the same struct in the mail, in the
 * device's memory, and in material.cu. Offsets are from the start of what it lies in. */
#ifndef HONE_CUDA_LAUNCHER_LOOK_H
#define HONE_CUDA_LAUNCHER_LOOK_H

#include "plugins/material.h"

struct hone_launcher_look {
    struct hone_material material; /* what it was made by; of an inout output, only where it is */
    uint32_t kind;                 /* enum hone_look_kind */
    uint32_t unpoisoned;           /* it held an input: nothing in it is poison */
    uint64_t run_offset, run_count;
    uint64_t element_offset, element_count;
    uint64_t outer, length, inner; /* element (o, j, i) of fibre o * inner + i; length 0: no sums */
    uint64_t sum_offset;           /* double[3] for every fibre: by either sign, and of squares */
    uint64_t sign_seed;
    uint32_t sign_argument, reserved;
    uint64_t digest_seed; /* 0: no digest */
    struct hone_seen seen;
};

#endif
