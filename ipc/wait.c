#include "client.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

uint64_t hone_client_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool line_is_there(void *context) {
    const struct hone *hone = context;
    return hone_ring_poll(&hone->replies) == HONE_RING_READY;
}

static const struct hone_down *down_of(const struct hone *hone) {
    return (const void *)hone->down.base;
}

static struct hone_up *up_of(const struct hone *hone) {
    return (void *)hone->up.base;
}

void hone_client_ring(struct hone *hone) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* A full socket rings already; one that is gone shows when we wait. */
    if (__atomic_load_n(&down_of(hone)->parked, __ATOMIC_RELAXED))
        (void)send(hone->socket, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Everything that is awaited is in a long stage: spinning would only take the CPU from it. */
static bool takes_long(const struct hone *hone) {
    uint32_t found = 0;
    for (uint32_t slot = 0; slot < hone->slots && found < hone->busy; slot++) {
        if (!hone->slot[slot].busy)
            continue;
        if (!__atomic_load_n(&down_of(hone)->progress[slot], __ATOMIC_RELAXED))
            return false;
        found++;
    }
    return found > 0;
}

static void sleep_on_futex(const struct hone *hone, uint32_t bell, uint64_t for_ns) {
    struct timespec span = {.tv_sec = (time_t)(for_ns / 1000000000u),
                            .tv_nsec = (long)(for_ns % 1000000000u)};
    syscall(SYS_futex, &down_of(hone)->bell, FUTEX_WAIT, bell, &span, NULL, 0);
}

static void sleep_on_semaphore(const struct hone *hone, uint64_t for_ns) {
    uint64_t until_ns = hone_client_now_ns() + for_ns;
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u),
                             .tv_nsec = (long)(until_ns % 1000000000u)};
    sem_clockwait((sem_t *)(void *)up_of(hone)->semaphore, CLOCK_MONOTONIC, &until);
}

static void sleep_on_socket(const struct hone *hone, uint64_t for_ns) {
    struct pollfd look = {.fd = hone->socket, .events = POLLIN | POLLRDHUP};
    poll(&look, 1, (int)((for_ns + NS_PER_MS - 1) / NS_PER_MS));
}

static void park(struct hone *hone, uint64_t for_ns) {
    uint32_t bell = __atomic_load_n(&down_of(hone)->bell, __ATOMIC_ACQUIRE);
    __atomic_store_n(&up_of(hone)->parked, 1u, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!line_is_there(hone)) {
        if (hone->wake == HONE_WAKE_FUTEX)
            sleep_on_futex(hone, bell, for_ns);
        else if (hone->wake == HONE_WAKE_SEMAPHORE)
            sleep_on_semaphore(hone, for_ns);
        else
            sleep_on_socket(hone, for_ns);
    }
    __atomic_store_n(&up_of(hone)->parked, 0u, __ATOMIC_RELAXED);
}

/* Take the server's bells off the socket; false once it has hung up. */
static bool server_lives(const struct hone *hone) {
    for (;;) {
        char bells[256];
        ssize_t count = recv(hone->socket, bells, sizeof bells, MSG_DONTWAIT);
        if (count > 0)
            continue;
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

static int mourn(struct hone *hone) {
    const struct hone_down *down = down_of(hone);
    hone->lost = true;
    if (__atomic_load_n(&down->dropped, __ATOMIC_ACQUIRE))
        return hone_client_say(hone, -ECONNABORTED, "the server dropped this agent: %.*s",
                               (int)sizeof down->reason, down->reason);
    return hone_client_say(hone, -ECONNRESET, "the server is gone: attach again with hone_token()");
}

int hone_client_wait(struct hone *hone, uint64_t deadline_ns) {
    if (line_is_there(hone))
        return 0;
    if (hone->lost)
        return mourn(hone);
    if (!takes_long(hone) && hone_spin_wait(&hone->spin, line_is_there, hone))
        return 0;
    for (;;) {
        uint64_t for_ns = (uint64_t)HONE_PARK_MS * NS_PER_MS;
        if (deadline_ns) {
            uint64_t now = hone_client_now_ns();
            if (now >= deadline_ns)
                return hone_client_say(hone, -ETIMEDOUT, "nothing came in time");
            if (deadline_ns - now < for_ns)
                for_ns = deadline_ns - now;
        }
        park(hone, for_ns);
        if (line_is_there(hone))
            return 0;
        /* What it published before it went still counts. */
        if (!server_lives(hone))
            return line_is_there(hone) ? 0 : mourn(hone);
    }
}
