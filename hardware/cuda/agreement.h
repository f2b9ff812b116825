/* agreement.h - whether the clocks that timed a program tell the same story.
 *
 * Three clocks see every call, or a part of them: events on the device, the host's clock around
 * them, and CUPTI's records of kernels. Each has a blind spot of its own, and a program that has
 * found one is caught by another. What the launcher waited for a core is nobody's, and a
 * single disagreement is noise (a record came late), so a program is judged by how often it
 * happens; see evaluation.md, "The GPU launcher". Pure functions of what they are given. Any
 * thread.
 */
#ifndef HONE_CUDA_AGREEMENT_H
#define HONE_CUDA_AGREEMENT_H

#include "hardware/cuda/launcher/protocol.h"

#include <stdbool.h>
#include <stddef.h>

struct agreement {
    uint32_t goes;
    uint32_t impossible; /* events counted more than the host's clock */
    uint32_t late;       /* the host's clock counted more than launching can cost */
    uint32_t traced;     /* goes with records of kernels, and those of them */
    uint32_t disputed;   /* whose records lack, or differ from the events */
};

/* Count one go of `calls` calls. */
void agreement_note(struct agreement *agreement, const struct hone_launcher_times *times,
                    uint32_t calls);

/* Whether the program's times are to be believed; if not, why: what disagrees, and how often. */
bool agreement_holds(const struct agreement *agreement, char *text, size_t size);

#endif
