/* loop.h - the supervisor's one event loop: descriptors, timers, and what must be looked at every
 * turn.
 *
 * One thread, but hone_loop_wake() and hone_loop_stop(), which any thread and any signal handler
 * may call. When there is nothing to do the loop spins briefly, yields, and parks in epoll; before
 * every sleep it asks the watchers once more whether there is work. Every callback may add and
 * remove descriptors, watchers and timers.
 */
#ifndef HONE_CORE_LOOP_H
#define HONE_CORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct hone_loop;

int hone_loop_create(struct hone_loop **loop);
void hone_loop_destroy(struct hone_loop *loop);

/* `ready` is called with epoll's events. A descriptor is removed before it is closed. */
int hone_loop_add(struct hone_loop *loop, int descriptor, uint32_t events,
                  void (*ready)(void *context, uint32_t events), void *context);
int hone_loop_change(struct hone_loop *loop, int descriptor, uint32_t events);
void hone_loop_remove(struct hone_loop *loop, int descriptor);

/* Called every turn. `work` does what there is and says whether it did any; `parking(true)` is
 * called before a sleep (announce it, then work() is asked once more) and `parking(false)` after.
 */
struct hone_watcher {
    void *context;
    bool (*work)(void *context);
    void (*parking)(void *context, bool parked); /* may be NULL */
};
int hone_loop_watch(struct hone_loop *loop, const struct hone_watcher *watcher);
void hone_loop_unwatch(struct hone_loop *loop, const void *context);

/* Call once at or after `at_ns` (CLOCK_MONOTONIC). Returns an id above 0, or a negative errno. */
int64_t hone_loop_at(struct hone_loop *loop, uint64_t at_ns, void (*due)(void *context),
                     void *context);
void hone_loop_forget(struct hone_loop *loop, int64_t timer); /* unknown and past ids are ignored */

int hone_loop_run(struct hone_loop *loop); /* until hone_loop_stop() */
void hone_loop_wake(struct hone_loop *loop);
void hone_loop_stop(struct hone_loop *loop);

#endif
