#include "core/rescore_private.h"

#include "core/error.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static size_t aligned(size_t size) {
    return (size + 63) / 64 * 64;
}

/* One mapping for all: a run's steps may be more than a process can have mappings. */
int hone_rescore_seal(struct hone_evidence *const *evidence, uint32_t count,
                      struct hone_sealed *sealed, struct hone_error *error) {
    size_t at = aligned(count * sizeof *sealed->rows), size = at;
    for (uint32_t i = 0; i < count; i++)
        size += aligned(evidence[i]->bytes);
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return hone_fail(error, -ENOMEM, "out of memory");
    const struct hone_evidence **rows = (void *)memory;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(memory + at, evidence[i], evidence[i]->bytes);
        rows[i] = (const void *)(memory + at);
        at += aligned(evidence[i]->bytes);
    }
    mprotect(memory, size, PROT_READ);
    *sealed = (struct hone_sealed){rows, memory, size};
    return 0;
}

void hone_rescore_unseal(struct hone_sealed *sealed) {
    munmap(sealed->memory, sealed->size);
}
