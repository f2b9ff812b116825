#include "core/session_private.h"

#include "core/clock.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Shared, never private, and never an operation that the other side can choose. */
static void wake_futex(uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* What sem_post does in 64-bit glibc, but for taking the operation from memory that the agent can
 * write. */
static void post_semaphore(uint64_t *semaphore) {
    uint32_t *count = (uint32_t *)semaphore; /* its low half: little-endian */
    __atomic_fetch_add(count, 1u, __ATOMIC_SEQ_CST);
    wake_futex(count);
}

struct ringing {
    struct hone_lane *lane;
    uint32_t parked;
};

static void toll(void *context) {
    struct ringing *ringing = context;
    struct hone_lane *lane = ringing->lane;
    const struct hone_up *up = (const void *)lane->up.base;
    struct hone_down *down = (void *)lane->down.base;
    __atomic_fetch_add(&down->bell, 1u, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ringing->parked = __atomic_load_n(&up->parked, __ATOMIC_RELAXED);
    if (ringing->parked && lane->bell == HONE_BELL_SEMAPHORE)
        post_semaphore(((struct hone_up *)lane->up.base)->semaphore);
}

void hone_bell_ring(struct hone_lane *lane) {
    struct ringing ringing = {.lane = lane};
    if (hone_guard(toll, &ringing)) {
        hone_lane_doom(lane, "its shared memory was truncated");
        return;
    }
    if (!ringing.parked)
        return;
    if (lane->bell == HONE_BELL_FUTEX)
        wake_futex(&((struct hone_down *)lane->down.base)->bell);
    else if (lane->bell == HONE_BELL_SOCKET)
        /* A full socket is readable already; one that is gone is noticed by the loop. */
        (void)send(lane->socket, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void hone_bell_prepare(struct hone_up *up) {
    /* Initialised in private memory: libc never works on what an agent can write. */
    union {
        sem_t semaphore;
        uint64_t words[sizeof up->semaphore / 8];
    } fresh = {.words = {0}};
    if (!sem_init(&fresh.semaphore, 1, 0))
        memcpy(up->semaphore, fresh.words, sizeof up->semaphore);
}

#if defined(__GLIBC__) && defined(__x86_64__)
union shared_semaphore {
    sem_t semaphore;
    uint64_t words[(sizeof(sem_t) + 7) / 8];
};

static void *sleep_on(void *context) {
    union shared_semaphore *shared = context;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 2;
    return sem_clockwait(&shared->semaphore, CLOCK_MONOTONIC, &until) ? shared : NULL;
}

/* Wake a real sem_clockwait() the way post_semaphore() does it. It sleeps once glibc counts a
 * waiter in the upper half of the first word; if that never shows, the layout is another one. */
bool hone_bell_semaphores_work(void) {
    union shared_semaphore shared = {0};
    _Static_assert(sizeof(sem_t) <= sizeof((struct hone_up *)0)->semaphore, "room for a sem_t");
    if (sem_init(&shared.semaphore, 1, 0))
        return false;
    pthread_t sleeper;
    if (pthread_create(&sleeper, NULL, sleep_on, &shared))
        return false;
    uint64_t give_up_ns = hone_now_ns() + 1000000000u;
    bool waits = false;
    while (!waits && hone_now_ns() < give_up_ns) {
        waits = __atomic_load_n(&shared.words[0], __ATOMIC_ACQUIRE) >> 32 == 1;
        if (!waits)
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
    if (waits)
        post_semaphore(shared.words);
    void *failed = NULL;
    pthread_join(sleeper, &failed);
    bool clean = __atomic_load_n(&shared.words[0], __ATOMIC_ACQUIRE) == 0;
    sem_destroy(&shared.semaphore);
    return waits && !failed && clean;
}
#else
bool hone_bell_semaphores_work(void) {
    return false;
}
#endif
