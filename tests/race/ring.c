/* ring.c - a lane's memory order under ThreadSanitizer: two threads play server and agent over one
 * pair of rings and two blocks, spinning, yielding and parking as the real ones do. Ends with 0 if
 * every answer fits its question. */
#include "ipc/ring.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINES 4u
#define ROUNDS 20000u
#define WORDS 64u

struct side {
    uint32_t bell, parked;
    uint64_t consumed;
    struct hone_line lines[LINES];
    uint64_t block[LINES][WORDS];
};

static struct side up, down;

static void wake(struct side *mine, const struct side *other) {
    __atomic_fetch_add(&mine->bell, 1u, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&other->parked, __ATOMIC_RELAXED))
        syscall(SYS_futex, &mine->bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await(const struct hone_ring *ring, struct side *mine, struct side *other) {
    for (uint32_t i = 0; hone_ring_poll(ring) != HONE_RING_READY; i++) {
        if (i < HONE_SPIN_YIELDS) {
            sched_yield();
            continue;
        }
        uint32_t bell = __atomic_load_n(&other->bell, __ATOMIC_ACQUIRE);
        __atomic_store_n(&mine->parked, 1u, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        struct timespec span = {.tv_sec = 5};
        if (hone_ring_poll(ring) != HONE_RING_READY)
            syscall(SYS_futex, &other->bell, FUTEX_WAIT, bell, &span, NULL, 0);
        __atomic_store_n(&mine->parked, 0u, __ATOMIC_RELAXED);
    }
}

static uint32_t send_line(struct hone_ring *ring, struct side *mine, struct side *other,
                          uint64_t value) {
    while (hone_ring_full(ring, __atomic_load_n(&other->consumed, __ATOMIC_ACQUIRE)))
        sched_yield();
    uint32_t place = (uint32_t)((ring->next - 1) % LINES);
    for (uint32_t i = 0; i < WORDS; i++)
        mine->block[place][i] = value + i;
    hone_ring_publish(ring, &(struct hone_line){.tag = value, .slot = place});
    wake(mine, other);
    return place;
}

static uint64_t receive(struct hone_ring *ring, struct side *mine, struct side *other) {
    struct hone_line line;
    await(ring, mine, other);
    hone_ring_take(ring, &line);
    uint64_t value = other->block[line.slot][0];
    for (uint32_t i = 0; i < WORDS; i++) {
        if (other->block[line.slot][i] != value + i || line.tag != value) {
            fprintf(stderr, "ring: a torn block\n");
            exit(1);
        }
    }
    __atomic_store_n(&mine->consumed, line.sequence, __ATOMIC_RELEASE);
    return value;
}

static void *serve(void *context) {
    struct hone_ring requests = {up.lines, LINES, 1}, replies = {down.lines, LINES, 1};
    (void)context;
    for (uint32_t i = 0; i < ROUNDS; i++)
        send_line(&replies, &down, &up, receive(&requests, &down, &up) * 2);
    return NULL;
}

int main(void) {
    struct hone_ring requests = {up.lines, LINES, 1}, replies = {down.lines, LINES, 1};
    pthread_t server;
    if (pthread_create(&server, NULL, serve, NULL))
        return 1;
    uint64_t asked = 0, answered = 0;
    while (answered < ROUNDS) {
        /* Sometimes one question at a time, sometimes as many as there is room for. */
        uint64_t ahead = answered % 64 < 32 ? 1 : LINES;
        while (asked < ROUNDS && asked - answered < ahead)
            send_line(&requests, &up, &down, ++asked);
        if (receive(&replies, &up, &down) != ++answered * 2) {
            fprintf(stderr, "ring: answer %llu is out of order\n", (unsigned long long)answered);
            return 1;
        }
    }
    pthread_join(server, NULL);
    return 0;
}
