/* arena.h - the memory a candidate computes in, and where its buffers lie in it.
 *
 * Two memfds for each device: inputs, which nobody but the host can ever map writable, and outputs.
 * They outlive steps and only grow; every process of candidate and baseline maps the same physical
 * pages.
 *
 * A table places buffers: each gets pages of its own, at an address of its own, with unmapped pages
 * before and after. It starts on 64 bytes and ends within 64 bytes of its last page's end; the
 * slack on both sides is its guard band (core/judge.h), filled when the table is placed.
 *
 * Threads: one at a time. Results: 0 or a negative errno.
 */
#ifndef HONE_CORE_ARENA_H
#define HONE_CORE_ARENA_H

#include "plugins/hardware.h"

#include <stdbool.h>

/* The address of the first region, and the unmapped bytes between two. */
#define HONE_ARENA_ADDRESS 0x7e0000000000u
#define HONE_ARENA_GAP (64u << 10)

struct hone_arena {
    int memory; /* -1: none yet */
    uint8_t *base;
    uint64_t bytes;
    bool writable; /* by a candidate */
};

/* All zero but `memory`, -1, before the first use. */
struct hone_arenas {
    struct hone_arena inputs, outputs;
};

#define HONE_ARENAS_NONE                                                                           \
    {                                                                                              \
        {-1, NULL, 0, false}, {                                                                    \
            -1, NULL, 0, true                                                                      \
        }                                                                                          \
    }

void hone_arenas_finish(struct hone_arenas *arenas);

struct hone_buffer {
    uint64_t address; /* in the candidate's process */
    uint8_t *host;    /* the same bytes here; set by placing */
    uint64_t bytes;
    uint64_t before, after; /* guard bytes on either side */
    uint32_t owner;         /* what the caller knows it by */
};

/* Regions and buffers in parallel. */
struct hone_table {
    struct hone_region *regions;
    struct hone_buffer *buffers;
    uint32_t count, capacity;
    uint64_t next_address, input_bytes, output_bytes;
    uint64_t guard_seed;
};

void hone_table_init(struct hone_table *table);
void hone_table_finish(struct hone_table *table);

/* Its index, or -ENOMEM. */
int hone_table_add(struct hone_table *table, uint64_t bytes, bool writable, uint32_t owner);

/* Give every buffer its place in the arenas, which grow if need be, and fill the guard bands.
 * Tables placed before on these arenas are void from here on. */
int hone_table_place(struct hone_table *table, struct hone_arenas *arenas, uint64_t guard_seed,
                     struct hone_error *error);

/* Overwrite what every buffer holds; the guard bands stay. */
void hone_table_clear(const struct hone_table *table);

/* Whether the bands of a writable buffer are untouched; and where not: `past` bytes beyond the end
 * (at most), or `before` bytes in front of the start. */
bool hone_table_intact(const struct hone_table *table, uint32_t index);
void hone_table_damage(const struct hone_table *table, uint32_t index, uint64_t *past,
                       uint64_t *before);

/* The buffer a fault at `address` belongs to, with the distance to its end (positive: past it), or
 * to its start (negative: before it); 0 when inside. -1: none is near. */
int hone_table_find(const struct hone_table *table, uint64_t address, int64_t *distance);

#endif
