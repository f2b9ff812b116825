/* journal_layout.h - the bytes of a journal, for its writer and its readers only. */
#ifndef HONE_CORE_JOURNAL_LAYOUT_H
#define HONE_CORE_JOURNAL_LAYOUT_H

#include "core/journal.h"

#include <stdatomic.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define JOURNAL_MAGIC "HONEJRNL"

struct journal_header {
    char magic[8];
    uint32_t version;
    uint32_t start; /* of the first record */
    uint64_t id;
    int64_t created_ns;
    uint64_t checksum; /* of the fields before it */
};

struct journal_record {
    _Atomic uint32_t length; /* header and payload, without padding; 0: not committed */
    uint16_t kind;
    uint16_t reserved;
    uint64_t checksum;
};

_Static_assert(sizeof(struct journal_record) == HONE_JOURNAL_RECORD_HEADER, "written to disk");
_Static_assert(sizeof(struct journal_header) == 40, "written to disk");

static inline uint64_t journal_padded(uint64_t bytes) {
    return (bytes + 7) & ~UINT64_C(7);
}

/* Where and what a record is enters its checksum, so that an old one in a new place is not taken
 * for one. */
static inline uint64_t journal_checksum(uint64_t id, uint64_t offset, uint16_t kind,
                                        uint32_t length, const void *payload) {
    uint64_t seed = id ^ (offset * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)kind << 32 | length);
    return XXH3_64bits_withSeed(payload, length - HONE_JOURNAL_RECORD_HEADER, seed);
}

static inline uint64_t journal_header_checksum(const struct journal_header *header) {
    return XXH3_64bits(header, offsetof(struct journal_header, checksum));
}

#endif
