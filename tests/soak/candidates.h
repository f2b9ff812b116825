/* candidates.h - a hundred sources for lab/tiny: mostly right, some wrong, crashing, hostile or
 * endless. */
#ifndef HONE_TESTS_SOAK_CANDIDATES_H
#define HONE_TESTS_SOAK_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#define CANDIDATES 100

struct candidate {
    char source[768];
    uint32_t bytes;
    uint32_t verdict; /* enum hone_outcome that a full step ends with; 0: that depends on the
                         confinement */
    bool endless;     /* costs a call's time limit */
};

void candidates_write(struct candidate list[CANDIDATES]);

#endif
