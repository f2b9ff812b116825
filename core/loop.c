#include "core/loop.h"

#include "core/clock.h"
#include "ipc/spin.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64
/* Between two looks at descriptors and timers: turns with work, and the time they may take. */
#define POLL_EVERY 32
#define POLL_EVERY_NS 1000000u
#define SLEEP_MS_MAX 1000 /* a bell that was lost costs this much at worst */

struct handler { /* indexed by descriptor */
    void (*ready)(void *context, uint32_t events);
    void *context;
    uint32_t generation; /* tells a late event of a removed descriptor from one of its successor */
};

struct timer {
    uint64_t at_ns;
    int64_t id;
    void (*due)(void *context);
    void *context;
};

struct hone_loop {
    int epoll, bell;
    struct handler *handlers;
    uint32_t handler_count, generation;
    struct timer *timers; /* the next one last */
    uint32_t timer_count, timer_capacity;
    int64_t timer_id;
    struct hone_watcher *watchers;
    uint32_t watcher_count, watcher_capacity;
    struct hone_spin spin;
    atomic_bool stopped;
};

void hone_loop_wake(struct hone_loop *loop) {
    uint64_t one = 1;
    int saved = errno;
    ssize_t written = write(loop->bell, &one, sizeof one); /* full means already ringing */
    (void)written;
    errno = saved;
}

void hone_loop_stop(struct hone_loop *loop) {
    atomic_store_explicit(&loop->stopped, true, memory_order_release);
    hone_loop_wake(loop);
}

static int grow(void **array, uint32_t *capacity, uint32_t want, size_t size) {
    if (want <= *capacity)
        return 0;
    uint32_t larger = *capacity ? *capacity * 2 : 16;
    while (larger < want)
        larger *= 2;
    void *moved = realloc(*array, larger * size);
    if (!moved)
        return -ENOMEM;
    *array = moved;
    *capacity = larger;
    return 0;
}

int hone_loop_add(struct hone_loop *loop, int descriptor, uint32_t events,
                  void (*ready)(void *context, uint32_t events), void *context) {
    if (descriptor < 0)
        return -EBADF;
    uint32_t known = loop->handler_count;
    int status = grow((void **)&loop->handlers, &loop->handler_count, (uint32_t)descriptor + 1,
                      sizeof *loop->handlers);
    if (status)
        return status;
    for (uint32_t i = known; i < loop->handler_count; i++)
        loop->handlers[i] = (struct handler){0};
    uint32_t generation = ++loop->generation;
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)generation << 32 | (uint32_t)descriptor,
    };
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event))
        return -errno;
    loop->handlers[descriptor] = (struct handler){ready, context, generation};
    return 0;
}

static struct handler *find_handler(struct hone_loop *loop, int descriptor) {
    if (descriptor < 0 || (uint32_t)descriptor >= loop->handler_count)
        return NULL;
    struct handler *handler = &loop->handlers[descriptor];
    return handler->ready ? handler : NULL;
}

int hone_loop_change(struct hone_loop *loop, int descriptor, uint32_t events) {
    const struct handler *handler = find_handler(loop, descriptor);
    if (!handler)
        return -ENOENT;
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)handler->generation << 32 | (uint32_t)descriptor,
    };
    return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, descriptor, &event) ? -errno : 0;
}

void hone_loop_remove(struct hone_loop *loop, int descriptor) {
    struct handler *handler = find_handler(loop, descriptor);
    if (!handler)
        return;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, descriptor, NULL);
    *handler = (struct handler){0};
}

int hone_loop_watch(struct hone_loop *loop, const struct hone_watcher *watcher) {
    int status = grow((void **)&loop->watchers, &loop->watcher_capacity, loop->watcher_count + 1,
                      sizeof *loop->watchers);
    if (status)
        return status;
    loop->watchers[loop->watcher_count++] = *watcher;
    return 0;
}

void hone_loop_unwatch(struct hone_loop *loop, const void *context) {
    for (uint32_t i = 0; i < loop->watcher_count; i++) {
        if (loop->watchers[i].context != context)
            continue;
        loop->watcher_count--;
        for (uint32_t next = i; next < loop->watcher_count; next++)
            loop->watchers[next] = loop->watchers[next + 1];
        return;
    }
}

int64_t hone_loop_at(struct hone_loop *loop, uint64_t at_ns, void (*due)(void *context),
                     void *context) {
    int status = grow((void **)&loop->timers, &loop->timer_capacity, loop->timer_count + 1,
                      sizeof *loop->timers);
    if (status)
        return status;
    uint32_t place = loop->timer_count++;
    while (place && loop->timers[place - 1].at_ns <= at_ns) {
        loop->timers[place] = loop->timers[place - 1];
        place--;
    }
    loop->timers[place] = (struct timer){at_ns, ++loop->timer_id, due, context};
    return loop->timer_id;
}

void hone_loop_forget(struct hone_loop *loop, int64_t timer) {
    for (uint32_t i = 0; i < loop->timer_count; i++) {
        if (loop->timers[i].id != timer)
            continue;
        loop->timer_count--;
        for (; i < loop->timer_count; i++)
            loop->timers[i] = loop->timers[i + 1];
        return;
    }
}

static bool run_timers(struct hone_loop *loop) {
    bool any = false;
    if (!loop->timer_count)
        return false;
    uint64_t now = hone_now_ns();
    while (loop->timer_count && loop->timers[loop->timer_count - 1].at_ns <= now) {
        struct timer timer = loop->timers[--loop->timer_count];
        timer.due(timer.context);
        any = true;
    }
    return any;
}

static int sleep_ms(const struct hone_loop *loop) {
    if (!loop->timer_count)
        return SLEEP_MS_MAX;
    uint64_t now = hone_now_ns(), at_ns = loop->timers[loop->timer_count - 1].at_ns;
    if (at_ns <= now)
        return 0;
    uint64_t milliseconds = (at_ns - now + 999999u) / 1000000u;
    return milliseconds < SLEEP_MS_MAX ? (int)milliseconds : SLEEP_MS_MAX;
}

/* Returns whether anything happened, or a negative errno. */
static int run_descriptors(struct hone_loop *loop, int timeout_ms) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, timeout_ms);
    if (count < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t descriptor = (uint32_t)events[i].data.u64;
        uint32_t generation = (uint32_t)(events[i].data.u64 >> 32);
        const struct handler *handler = find_handler(loop, (int)descriptor);
        if (handler && handler->generation == generation)
            handler->ready(handler->context, events[i].events);
    }
    return count > 0;
}

static bool run_watchers(void *context) {
    struct hone_loop *loop = context;
    bool any = false;
    for (uint32_t i = 0; i < loop->watcher_count; i++)
        any |= loop->watchers[i].work(loop->watchers[i].context);
    return any;
}

static void tell_parking(struct hone_loop *loop, bool parked) {
    for (uint32_t i = 0; i < loop->watcher_count; i++)
        if (loop->watchers[i].parking)
            loop->watchers[i].parking(loop->watchers[i].context, parked);
}

static int park(struct hone_loop *loop) {
    tell_parking(loop, true);
    int happened = 0;
    if (!run_watchers(loop))
        happened = run_descriptors(loop, sleep_ms(loop));
    tell_parking(loop, false);
    return happened;
}

int hone_loop_run(struct hone_loop *loop) {
    uint32_t turns = 0;
    uint64_t polled_ns = 0;
    while (!atomic_load_explicit(&loop->stopped, memory_order_acquire)) {
        bool busy = run_watchers(loop);
        if (busy && ++turns % POLL_EVERY && hone_now_ns() - polled_ns < POLL_EVERY_NS)
            continue;
        polled_ns = hone_now_ns();
        int happened = run_descriptors(loop, 0);
        busy |= run_timers(loop);
        if (happened == 0 && !busy && !hone_spin_wait(&loop->spin, run_watchers, loop))
            happened = park(loop);
        if (happened < 0)
            return happened;
    }
    atomic_store_explicit(&loop->stopped, false, memory_order_relaxed);
    return 0;
}

static void drain_bell(void *context, uint32_t events) {
    const struct hone_loop *loop = context;
    uint64_t count;
    ssize_t taken = read(loop->bell, &count, sizeof count);
    (void)taken;
    (void)events;
}

int hone_loop_create(struct hone_loop **made) {
    struct hone_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return -ENOMEM;
    hone_spin_init(&loop->spin);
    loop->bell = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    int status = loop->epoll < 0 ? -errno : 0;
    if (!status) {
        loop->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        status = loop->bell < 0 ? -errno : 0;
    }
    if (!status)
        status = hone_loop_add(loop, loop->bell, EPOLLIN, drain_bell, loop);
    if (status) {
        hone_loop_destroy(loop);
        return status;
    }
    *made = loop;
    return 0;
}

void hone_loop_destroy(struct hone_loop *loop) {
    if (!loop)
        return;
    if (loop->bell >= 0)
        close(loop->bell);
    if (loop->epoll >= 0)
        close(loop->epoll);
    free(loop->handlers);
    free(loop->timers);
    free(loop->watchers);
    free(loop);
}
