/* ring.h - one direction of a lane: a ring of lines with one writer and one reader, in two
 * processes.
 *
 * The indices are private to each side. The lines and the reader's `consumed` word are shared, and
 * are touched with the compiler's atomic builtins because layout.h keeps plain types for other
 * languages' sake.
 */
#ifndef HONE_IPC_RING_H
#define HONE_IPC_RING_H

#include "layout.h"

#include <stdbool.h>
#include <string.h>

struct hone_ring {
    struct hone_line *lines;
    uint32_t count; /* a power of two */
    uint64_t next;  /* the sequence to publish, or to expect; from 1 */
};

enum hone_ring_state { HONE_RING_EMPTY, HONE_RING_READY, HONE_RING_BROKEN };

static inline struct hone_line *hone_ring_line(const struct hone_ring *ring) {
    return &ring->lines[(ring->next - 1) & (ring->count - 1)];
}

/* Writer: is there no line that the reader is done with? `consumed` is the sequence it has read
 * last. */
static inline bool hone_ring_full(const struct hone_ring *ring, uint64_t consumed) {
    return ring->next - 1 - consumed >= ring->count;
}

/* Writer: the line becomes visible as a whole. `line->sequence` is ignored. */
static inline void hone_ring_publish(struct hone_ring *ring, const struct hone_line *line) {
    struct hone_line *to = hone_ring_line(ring);
    memcpy(to, line, offsetof(struct hone_line, sequence));
    __atomic_store_n(&to->sequence, ring->next, __ATOMIC_RELEASE);
    ring->next++;
}

/* Reader: is the line it expects next there? BROKEN: the word holds neither that sequence nor the
 * one before it on this line, which no honest writer stores. */
static inline enum hone_ring_state hone_ring_poll(const struct hone_ring *ring) {
    uint64_t sequence = __atomic_load_n(&hone_ring_line(ring)->sequence, __ATOMIC_ACQUIRE);
    if (sequence == ring->next)
        return HONE_RING_READY;
    uint64_t before = ring->next > ring->count ? ring->next - ring->count : 0;
    return sequence == before ? HONE_RING_EMPTY : HONE_RING_BROKEN;
}

/* Reader, after READY: copy the line once and pass on. The caller then stores its `consumed` word.
 */
static inline void hone_ring_take(struct hone_ring *ring, struct hone_line *copy) {
    memcpy(copy, hone_ring_line(ring), sizeof *copy);
    copy->sequence = ring->next;
    ring->next++;
}

static inline void hone_ring_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
