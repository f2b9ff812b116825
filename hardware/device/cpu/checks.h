/* checks.h - what the files of the checking build share.
 *
 * checks.c looks at every access and remembers it, word by word; knowledge.c knows what threads
 * have told each other by atomics and fences; findings.c says what is wrong, and lines.c where.
 */
#ifndef HONE_DEVICE_CPU_CHECKS_H
#define HONE_DEVICE_CPU_CHECKS_H

#include "hardware/device/cpu/block.h"

#include <stddef.h>

#define HONE_SHARED_MOST 0x39000u

/* Where an access is: a line of the source, of an atomic or a copy, or where its call returns to.
 */
#define HONE_AT_LINE 0x80000000u
/* Of a direct read, as a cell remembers it: another thread has written since. Code is far below. */
#define HONE_AT_OUTDATED 0x40000000u

/* Who wrote a word last, who read it last, and who else before. */
struct hone_cell {
    uint64_t write, read,
        other; /* stamps; parted: the launch and where the parts are, in `write` */
    uint32_t write_at, read_at, other_at;
    uint32_t word; /* its number, without the highest bits; whether it is in parts */
};

struct hone_buffer {
    uint64_t address, bytes;
    uint64_t first;          /* word number 0, maybe before it; see hone_cells_take() */
    struct hone_cell *cells; /* of its words: that many, and one; NULL: nobody can write there */
    uint32_t mask;
    uint32_t argument, element_bytes;
};

struct hone_check {
    uint64_t shared, shared_bytes;
    uint64_t stack, stack_bytes;
    uint64_t launch_begun, block_begun; /* the least stamps that belong to them */
    struct hone_buffer buffers[HONE_CONTROL_REGIONS_MAX];
    uint32_t buffer_count;
    bool crowded; /* more than one block has begun and not ended */
    bool busy;    /* there is more to do at an access than to look at it */
};

extern struct hone_check hone_check;

/* Two accesses: the one that was, and the one that is about to be. */
struct hone_conflict {
    uint64_t address, then, now;
    uint32_t then_at, now_at;
    bool wrote, writes;
};

/* By an atomic of one block; by an atomicCAS. */
static inline bool hone_is_of_block(uint32_t at) {
    return at & HONE_AT_LINE && at & HONE_CHECK_OF_BLOCK;
}

static inline bool hone_is_compare(uint32_t at) {
    return at & HONE_AT_LINE && at & HONE_CHECK_COMPARES;
}

/* Only where a cell remembers it. */
static inline bool hone_is_outdated(uint32_t at) {
    return (at & (HONE_AT_LINE | HONE_AT_OUTDATED)) == HONE_AT_OUTDATED;
}

static inline uint32_t hone_place_of(uint32_t at) {
    return at & HONE_AT_LINE ? at : at & ~HONE_AT_OUTDATED;
}

/* A statement of the source, not one of the functions that are never torn. */
static inline bool hone_is_direct(uint32_t at) {
    return !(at & HONE_AT_LINE);
}

static inline uint64_t hone_block_of(uint64_t stamp) {
    return stamp >> HONE_STAMP_BLOCK;
}

static inline uint32_t hone_clock_of(uint64_t stamp) {
    return (uint32_t)(stamp >> HONE_STAMP_CLOCK) & HONE_CLOCK_MOST;
}

/* What no operation of the warp lies in between. */
static inline uint32_t hone_stretch_of(uint64_t stamp) {
    return hone_clock_of(stamp) >> 1;
}

static inline uint32_t hone_position_of(uint64_t stamp) {
    return (uint32_t)(stamp >> HONE_STAMP_THREAD) & (HONE_THREADS_MAX - 1);
}

static inline struct hone_fiber *hone_thread_of(uint64_t stamp) {
    return &hone_fibers[hone_position_of(stamp)];
}

/* Within a block: whether `then` is before `now` by a barrier, an operation of the warp, or since
 * one thread did both; what it does at one stamp is before all the rest at this one. */
bool hone_is_before(uint64_t then, uint64_t now);

/* Look at an access, and remember it: by a thread whose stamp has these marks. */
void hone_look(const void *to, uint32_t bytes, bool writes, uint64_t marks, uint32_t at);
/* Whether an argument's word has been written in this launch; when and where. */
bool hone_was_written(const void *at, uint64_t *then, uint32_t *then_at);

/* guesses.c: a plain read of what an atomicCAS changes is a guess, which another must confirm. */
void hone_guess(const struct hone_conflict *conflict);
void hone_guesses_forget(void);
void hone_confirm(uint64_t address, uint32_t bytes);
void hone_confirm_at(uint32_t at);
void hone_cells_confirm(uint64_t address, uint32_t bytes);
/* Cells for the words of a region: as many as there are left of a launch's. */
void hone_cells_begin(void);
void hone_cells_take(uint64_t address, uint64_t bytes, struct hone_buffer *buffer);
void hone_cells_forget(void);
/* The last write has been made: whether it was right to. */
void hone_cells_settle(void);
/* What is known of the words of a block's shared memory: kept while another block runs. */
void hone_cells_keep(struct hone_cell *to, uint32_t words);
void hone_cells_restore(const struct hone_cell *from, uint32_t words);
void hone_cells_clear(uint32_t words);

/* Something was changed that other blocks may wait for; an access is made while others have begun.
 */
void hone_residents_told(void);
/* Another block goes on, or begins, before the change that is about to be made. */
void hone_residents_interrupt(void);
void hone_residents_pass(void);

/* Forget what threads have told each other. */
void hone_know_nothing(void);
void hone_know_fence(uint64_t stamp, bool of_block);
/* When the last fences of a block were, those that other blocks know of apart: kept while another
 * block runs. */
struct hone_fences {
    uint64_t last, before; /* stamps; 0: none */
};
struct hone_block_fences {
    struct hone_fences block, warps[HONE_WARPS_MAX];
};
struct hone_all_fences {
    struct hone_block_fences any, device;
};
extern struct hone_all_fences hone_fences;
/* A thread has looked at a strong word, or changes it. */
void hone_know_read(uint64_t word, struct hone_fiber *self);
void hone_know_write(uint64_t word, struct hone_fiber *self);
/* overtaking.c: changes of strong words, in what order they were made and seen. Whether a thread
 * that now looks at a word has seen a later change of who wrote it. */
void hone_changes_forget(void);
void hone_change_made(const void *at, uint32_t bytes, uint64_t stamp);
void hone_change_seen(uint64_t word, struct hone_fiber *self);
bool hone_is_overtaken(uint64_t word, uint64_t then, const struct hone_fiber *self);
/* A read of what was overtaken: said at the end of the launch, if it is none that waits. It may see
 * an old value, until hone_overtaken_end(). */
void hone_overtaken_read(const struct hone_conflict *conflict, uint32_t bytes);
void hone_overtaken_end(void);
/* The same statement reads the same place again: it waits. Whether this read is the next of one
 * that has seen an old value. */
void hone_overtaken_polls(uint32_t at);
void hone_overtaken_again(const void *address, uint32_t at);
void hone_go_back_to(uint64_t stamp);
/* Whether whoever is at `now` may know of what was done at `then`. */
bool hone_is_known(uint64_t then, uint64_t now);

/* A line of the source; 0: unknown. */
uint32_t hone_line_at(uint32_t at);

_Noreturn void hone_report_race(const struct hone_conflict *conflict);
_Noreturn void hone_report_overtaken(const struct hone_conflict *conflict);
_Noreturn void hone_report_stale(uint64_t address, uint64_t then, uint32_t then_at, uint32_t at);
_Noreturn void hone_report_foreign(uint32_t at, bool writes);
_Noreturn void hone_report_unwritten(uint64_t offset, uint32_t at);
_Noreturn void hone_report_unarrived(const struct hone_conflict *conflict);
_Noreturn void hone_report_past_shared(uint64_t offset, bool writes, uint32_t at);
_Noreturn void hone_report_wild(uint64_t address, uint32_t bytes, bool writes, uint32_t at);

#endif
