/* calls.h - the functions a program may call of the library that this guest has loaded.
 *
 * Each has a stub at an address that programs are linked to (the Makefile reads it into
 * library.ld), and a slot that the stub jumps through.
 */
#ifndef HONE_CPU_LIBRARY_CALLS_H
#define HONE_CPU_LIBRARY_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#define HONE_LIBRARY_CALLS(each)                                                                   \
    each(cblas_sgemm) each(cblas_sgemv) each(cblas_sdot) each(cblas_saxpy)

#define HONE_LIBRARY_SLOT(name) extern void *hone_slot_##name;
HONE_LIBRARY_CALLS(HONE_LIBRARY_SLOT)
#undef HONE_LIBRARY_SLOT

/* Load OpenBLAS, for one thread and the core type `core` ("" leaves the choice to it), and fill the
 * slots. NULL, or why it cannot be: lives until the next call. */
const char *hone_library_open(const char *path, const char *core);

/* What was opened: file, version and core type, as it says itself. */
struct hone_library {
    const char *path, *version, *core;
};
void hone_library_describe(struct hone_library *library);

/* Make the operators ready to be run where no memory can be had any more, with the products of what
 * was opened, if anything was. NULL, or why they cannot be. */
const char *hone_library_operators(bool opened);
/* The words of a call of operators, as plugins/operators.h has them. An operator that fails ends
 * the process with its errno. */
void hone_library_run_operators(const uint64_t *words);

/* Time it: nanoseconds for a million operations, the mean over a few products. */
double hone_library_time(void);

#endif
