#include "core/clock.h"
#include "core/loop.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

struct record {
    struct hone_loop *loop;
    int order[8];
    int count;
    int pipe[2];
    int64_t timer;
    int asked, parked, unparked, work_left;
};

static struct record begin(void) {
    struct record record = {.loop = NULL};
    cr_assert(eq(int, hone_loop_create(&record.loop), 0));
    return record;
}

static void note_one(void *context) {
    struct record *record = context;
    record->order[record->count++] = 1;
}

static void note_two(void *context) {
    struct record *record = context;
    record->order[record->count++] = 2;
}

static void stop(void *context) {
    struct record *record = context;
    hone_loop_stop(record->loop);
}

Test(loop, runs_timers_in_order_of_time, .timeout = 5) {
    struct record record = begin();
    uint64_t now = hone_now_ns();
    cr_assert(lt(i64, 0, hone_loop_at(record.loop, now + 9000000, stop, &record)));
    cr_assert(lt(i64, 0, hone_loop_at(record.loop, now + 6000000, note_two, &record)));
    cr_assert(lt(i64, 0, hone_loop_at(record.loop, now + 3000000, note_one, &record)));
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(eq(int, record.count, 2));
    int first = record.order[0];
    cr_assert(eq(int, first, 1));
    cr_assert(ge(u64, hone_now_ns(), now + 9000000));
    hone_loop_destroy(record.loop);
}

Test(loop, timers_of_the_same_instant_keep_their_order, .timeout = 5) {
    struct record record = begin();
    uint64_t now = hone_now_ns();
    hone_loop_at(record.loop, now, note_one, &record);
    hone_loop_at(record.loop, now, note_two, &record);
    hone_loop_at(record.loop, now, stop, &record);
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    int first = record.order[0];
    cr_assert(eq(int, first, 1));
    hone_loop_destroy(record.loop);
}

Test(loop, a_forgotten_timer_does_not_run, .timeout = 5) {
    struct record record = begin();
    uint64_t now = hone_now_ns();
    int64_t timer = hone_loop_at(record.loop, now + 1000000, note_one, &record);
    hone_loop_at(record.loop, now + 3000000, stop, &record);
    hone_loop_forget(record.loop, timer);
    hone_loop_forget(record.loop, timer);
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(eq(int, record.count, 0));
    hone_loop_destroy(record.loop);
}

static void read_and_stop(void *context, uint32_t events) {
    struct record *record = context;
    char byte;
    cr_assert(ne(u32, events & EPOLLIN, 0));
    cr_assert(eq(i64, read(record->pipe[0], &byte, 1), 1));
    hone_loop_remove(record->loop, record->pipe[0]);
    hone_loop_stop(record->loop);
}

Test(loop, calls_back_for_a_readable_descriptor_and_lets_it_go_inside, .timeout = 5) {
    struct record record = begin();
    cr_assert(eq(int, pipe(record.pipe), 0));
    cr_assert(
        eq(int, hone_loop_add(record.loop, record.pipe[0], EPOLLIN, read_and_stop, &record), 0));
    cr_assert(eq(i64, write(record.pipe[1], "x", 1), 1));
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(eq(int, hone_loop_change(record.loop, record.pipe[0], EPOLLIN), -ENOENT));
    close(record.pipe[0]);
    close(record.pipe[1]);
    hone_loop_destroy(record.loop);
}

struct two {
    struct hone_loop *loop;
    int first[2], second[2];
    int calls;
};

static void remove_both(void *context, uint32_t events) {
    struct two *two = context;
    (void)events;
    two->calls++;
    hone_loop_remove(two->loop, two->first[0]);
    hone_loop_remove(two->loop, two->second[0]);
    hone_loop_stop(two->loop);
}

Test(loop, drops_the_pending_event_of_a_removed_descriptor, .timeout = 5) {
    struct two two = {.calls = 0};
    cr_assert(eq(int, hone_loop_create(&two.loop), 0));
    cr_assert(eq(int, pipe(two.first), 0));
    cr_assert(eq(int, pipe(two.second), 0));
    hone_loop_add(two.loop, two.first[0], EPOLLIN, remove_both, &two);
    hone_loop_add(two.loop, two.second[0], EPOLLIN, remove_both, &two);
    cr_assert(eq(i64, write(two.first[1], "x", 1), 1));
    cr_assert(eq(i64, write(two.second[1], "x", 1), 1));
    cr_assert(eq(int, hone_loop_run(two.loop), 0));
    cr_assert(eq(int, two.calls, 1));
    hone_loop_destroy(two.loop);
}

static bool work(void *context) {
    struct record *record = context;
    record->asked++;
    if (record->parked == 1 && !record->work_left) {
        record->work_left = 1;
        hone_loop_stop(record->loop);
        return true; /* what came between the last look and the announcement */
    }
    return false;
}

static void parking(void *context, bool parked) {
    struct record *record = context;
    record->parked += parked;
    record->unparked += !parked;
}

Test(loop, asks_for_work_once_more_after_announcing_a_sleep, .timeout = 5) {
    struct record record = begin();
    hone_loop_watch(record.loop, &(struct hone_watcher){&record, work, parking});
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(eq(int, record.parked, 1));
    cr_assert(eq(int, record.unparked, 1));
    cr_assert(eq(int, record.work_left, 1));
    hone_loop_unwatch(record.loop, &record);
    int asked = record.asked;
    hone_loop_stop(record.loop);
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(eq(int, record.asked, asked));
    hone_loop_destroy(record.loop);
}

struct slow {
    struct hone_loop *loop;
    int pipe[2], turns, seen_at;
};

static bool work_slowly(void *context) {
    struct slow *slow = context;
    uint64_t end_ns = hone_now_ns() + 2000000;
    while (hone_now_ns() < end_ns)
        ;
    if (++slow->turns == 1 && write(slow->pipe[1], "x", 1) != 1)
        slow->turns = 100;
    if (slow->turns >= 100)
        hone_loop_stop(slow->loop);
    return true;
}

static void note_turn(void *context, uint32_t events) {
    struct slow *slow = context;
    (void)events;
    slow->seen_at = slow->turns;
    hone_loop_stop(slow->loop);
}

Test(loop, looks_at_descriptors_between_two_long_turns, .timeout = 5) {
    struct slow slow = {.turns = 0};
    cr_assert(eq(int, hone_loop_create(&slow.loop), 0));
    cr_assert(eq(int, pipe(slow.pipe), 0));
    cr_assert(eq(int, hone_loop_add(slow.loop, slow.pipe[0], EPOLLIN, note_turn, &slow), 0));
    hone_loop_watch(slow.loop, &(struct hone_watcher){&slow, work_slowly, NULL});
    cr_assert(eq(int, hone_loop_run(slow.loop), 0));
    cr_assert(le(int, slow.seen_at, 2));
    cr_assert(lt(int, 0, slow.seen_at));
    hone_loop_destroy(slow.loop);
    close(slow.pipe[0]);
    close(slow.pipe[1]);
}

static void *stop_from_outside(void *context) {
    hone_loop_stop(context);
    return NULL;
}

Test(loop, is_stopped_by_another_thread_while_it_sleeps, .timeout = 5) {
    struct record record = begin();
    pthread_t thread;
    cr_assert(eq(int, pthread_create(&thread, NULL, stop_from_outside, record.loop), 0));
    uint64_t before = hone_now_ns();
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    cr_assert(lt(u64, hone_now_ns() - before, 900000000));
    pthread_join(thread, NULL);
    hone_loop_destroy(record.loop);
}

Test(loop, uses_almost_no_cpu_while_nothing_happens, .timeout = 5) {
    struct record record = begin();
    hone_loop_at(record.loop, hone_now_ns() + 500000000, stop, &record);
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    cr_assert(eq(int, hone_loop_run(record.loop), 0));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    int64_t used = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    cr_assert(lt(i64, used, 10000000));
    hone_loop_destroy(record.loop);
}
