#include "core/session.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/session_private.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define PAGE 4096u

struct hone_counters *hone_session_counters(struct hone_session *session) {
    return &((struct hone_ctl *)(void *)session->ctl.base)->counters;
}

const char *hone_session_socket(const struct hone_session *session) {
    return session->socket_path;
}

static void say_farewell(void *context) {
    struct hone_lane *lane = context;
    struct hone_down *down = (void *)lane->down.base;
    memcpy(down->reason, lane->reason, sizeof down->reason);
    __atomic_store_n(&down->dropped, 1u, __ATOMIC_RELEASE);
}

static void free_lane(struct hone_lane *lane) {
    struct hone_session *session = lane->session;
    if (lane->reason[0]) {
        hone_session_counters(session)->lanes_dropped++;
        hone_log(HONE_LOG_WARN, "lane %u dropped: %s", lane->id, lane->reason);
        if (lane->state == HONE_LANE_SHARED && !hone_guard(say_farewell, lane))
            hone_bell_ring(lane);
        if (lane->state == HONE_LANE_JSON)
            hone_json_dropped(lane);
    }
    if (lane->attached) {
        hone_session_counters(session)->lanes--;
        session->events.detached(session->events.context, lane);
    }
    hone_lane_destroy(lane);
}

void hone_session_bury(struct hone_session *session) {
    session->doomed = false;
    for (uint32_t i = 0; i < session->lane_count;) {
        struct hone_lane *lane = session->lanes[i];
        if (!lane->doomed) {
            i++;
            continue;
        }
        session->lanes[i] = session->lanes[--session->lane_count];
        free_lane(lane);
    }
    if (session->is_private && !session->lane_count)
        hone_loop_stop(session->loop);
}

static bool work(void *context) {
    struct hone_session *session = context;
    bool any = session->doomed;
    for (uint32_t i = 0; i < session->lane_count; i++)
        any |= hone_lane_scan(session->lanes[i]);
    if (session->doomed)
        hone_session_bury(session);
    return any;
}

static void parking(void *context, bool parked) {
    struct hone_session *session = context;
    for (uint32_t i = 0; i < session->lane_count; i++)
        hone_lane_set_parked(session->lanes[i], parked);
    if (!parked)
        return;
    hone_session_refresh_ctl(session);
    /* Either an agent sees `parked` after it published, or the look that follows sees what it
     * published. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool name_is_good(const char *name) {
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return length && length <= 32 && !name[length];
}

static uint32_t block_size(uint32_t wanted, uint32_t fallback) {
    uint32_t size = wanted ? wanted : fallback;
    if (size > HONE_BLOCK_BYTES_MAX)
        size = HONE_BLOCK_BYTES_MAX;
    return (size + PAGE - 1) / PAGE * PAGE;
}

static int take_options(struct hone_session *session, const struct hone_session_options *options,
                        struct hone_error *error) {
    session->options = *options;
    struct hone_session_options *own = &session->options;
    own->lanes_max = options->lanes_max ? options->lanes_max : 64;
    own->slots_max = options->slots_max ? options->slots_max : 16;
    if (own->slots_max > HONE_SLOTS_MAX)
        own->slots_max = HONE_SLOTS_MAX;
    own->action_bytes = block_size(options->action_bytes, 256u << 10);
    own->observation_bytes = block_size(options->observation_bytes, 64u << 10);
    session->is_private = !options->name;
    const char *name = options->name ? options->name : "private";
    if (!name_is_good(name))
        return hone_fail(error, -EINVAL,
                         "'%s' is no session name: use 1 to 32 letters, digits, '_' or '-'", name);
    snprintf(session->name, sizeof session->name, "%s", name);
    session->group = (gid_t)-1;
    if (options->group) {
        const struct group *group = getgrnam(options->group);
        if (!group)
            return hone_fail(error, -ENOENT, "there is no group '%s'", options->group);
        session->group = group->gr_gid;
    }
    session->catalogue = strdup(options->catalogue ? options->catalogue : "[]");
    session->lanes = calloc(own->lanes_max, sizeof(struct hone_lane *));
    if (!session->catalogue || !session->lanes)
        return hone_fail(error, -ENOMEM, "out of memory");
    own->name = session->name;
    own->group = own->directory = NULL;
    own->catalogue = session->catalogue;
    return 0;
}

static int go_public(struct hone_session *session, const char *directory,
                     struct hone_error *error) {
    int status = hone_session_directory(session->directory, sizeof session->directory, directory,
                                        session->group, session->group != (gid_t)-1, error);
    if (status)
        return status;
    (void)hone_session_sweep(session->directory);
    status = hone_session_lock(session, error);
    return status ? status : hone_session_listen(session, error);
}

int hone_session_create(struct hone_loop *loop, const struct hone_session_options *options,
                        const struct hone_session_events *events, struct hone_session **made,
                        struct hone_error *error) {
    struct hone_session *session = calloc(1, sizeof *session);
    if (!session)
        return hone_fail(error, -ENOMEM, "out of memory");
    session->loop = loop;
    session->events = *events;
    session->listener = session->lock = -1;
    session->ctl.descriptor = session->named_ctl.descriptor = -1;
    int status = take_options(session, options, error);
    if (status)
        goto undo;
    status = hone_guard_install();
    if (!status && getrandom(&session->id, sizeof session->id, 0) != sizeof session->id)
        status = -EIO;
    if (status) {
        hone_fail(error, status, "the session cannot start: %s", strerror(-status));
        goto undo;
    }
    session->semaphores = hone_bell_semaphores_work();
    if (!session->semaphores)
        hone_log(HONE_LOG_INFO, "semaphore wake-ups are not offered: this libc's sem_t differs");
    status = hone_session_create_ctl(session, error);
    if (status)
        goto undo;
    hone_session_counters(session)->started_ns = hone_now_ns();
    status = hone_loop_watch(loop, &(struct hone_watcher){session, work, parking});
    if (status) {
        hone_fail(error, status, "out of memory");
        goto undo;
    }
    if (session->is_private)
        status = hone_session_adopt(session, options->private_socket, error);
    else
        status = go_public(session, options->directory, error);
    if (status)
        goto undo;
    *made = session;
    return 0;
undo:
    hone_session_destroy(session);
    return status;
}

void hone_session_destroy(struct hone_session *session) {
    if (!session)
        return;
    hone_loop_unwatch(session->loop, session);
    while (session->lane_count)
        free_lane(session->lanes[--session->lane_count]);
    hone_loop_forget(session->loop, session->listen_timer);
    if (session->listener >= 0) {
        hone_loop_remove(session->loop, session->listener);
        close(session->listener);
    }
    hone_session_unlock(session);
    hone_segment_destroy(&session->named_ctl);
    hone_segment_destroy(&session->ctl);
    free(session->lanes);
    free(session->catalogue);
    free(session);
}
