/* keeper.h - show every specimen to a server, and note what became of it. */
#ifndef HONE_TESTS_ZOO_KEEPER_H
#define HONE_TESTS_ZOO_KEEPER_H

#include "tests/zoo/specimens.h"

struct keeping {
    uint32_t repeat; /* each time with a new server: what was put in quarantine is free again */
    bool quick;      /* short timing, and of the honest every sixth */
    bool beside;     /* a compiler runs beside it all */
    bool has_cuda;   /* out: whether the server's device runs files in CUDA */
    uint32_t absent; /* out: hacks whose rule has no detector in this build */
    double seconds;  /* out */
};

/* Fills what the specimens have seen. A hack is `good` when caught, an honest one when it passed
 * without a finding of severity warn or above. On stderr: a line a pass, and each kernel that is
 * not good when that is first seen. */
void keeper_run(struct specimens *specimens, struct keeping *keeping);

#endif
