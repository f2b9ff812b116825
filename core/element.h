/* element.h - numbers of every dtype as doubles, a stretch at a time. Pure functions; any thread.
 *
 * Integers beyond 2^53 lose their low bits, as they do in an oracle, whose outputs are doubles.
 */
#ifndef HONE_CORE_ELEMENT_H
#define HONE_CORE_ELEMENT_H

#include "core/task.h"

/* Loops over whole outputs run between two timed calls, so they are built for the widest vectors
 * this machine has. Sanitizers instrument the resolver that would choose, before they are ready. */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                \
    !defined(__SANITIZE_THREAD__)
#define HONE_VECTORISED                                                                            \
    __attribute__((optimize("O3"), target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define HONE_VECTORISED
#endif

void hone_elements_read(enum hone_dtype dtype, const void *from, uint32_t count, double *to);

/* To nearest, ties to even; integers are truncated and saturate; a bool is any byte. */
void hone_elements_write(enum hone_dtype dtype, const double *from, uint32_t count, void *to);

static inline bool hone_dtype_is_float(enum hone_dtype dtype) {
    return dtype <= HONE_BF16;
}

#endif
