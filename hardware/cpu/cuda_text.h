/* cuda_text.h - what is made of a CUDA source's text and its plan before it is compiled. */
#ifndef HONE_CPU_CUDA_TEXT_H
#define HONE_CPU_CUDA_TEXT_H

#include "plugins/hardware.h"

#include <stdbool.h>
#include <stdint.h>

/* The whole unit: prelude, the source as an include, entries of the plan; of a refused source,
 * nothing that would take long. `waits`: its threads may wait for each other. malloc()ed or NULL. */
char *hone_cuda_unit(const struct hone_compile_request *request, bool waits, bool refused);
/* The source, with g++'s words where `#pragma unroll` is said of a loop; lines stay. malloc()ed or
 * NULL; `bytes` is its length. */
char *hone_cuda_unrolled(const char *source, uint64_t source_bytes, uint64_t *bytes);
/* The source, whose empty loops let other threads run; lines stay. malloc()ed or NULL. */
char *hone_cuda_spins(const char *source, uint64_t source_bytes, uint64_t *bytes);
/* The names that the harness uses, for messages about missing ones. malloc()ed or NULL. */
char *hone_cuda_names(const struct hone_compile_request *request);

#endif
