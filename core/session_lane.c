#include "core/session_private.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hone_lane *hone_lane_create(struct hone_session *session, int socket) {
    struct hone_lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        return NULL;
    lane->session = session;
    lane->id = session->lane_ids++;
    lane->socket = socket;
    lane->pidfd = lane->up.descriptor = lane->down.descriptor = -1;
    lane->next_tag = 1;
    return lane;
}

void hone_lane_destroy(struct hone_lane *lane) {
    struct hone_loop *loop = lane->session->loop;
    if (lane->hello_timer)
        hone_loop_forget(loop, lane->hello_timer);
    hone_loop_remove(loop, lane->socket);
    close(lane->socket);
    if (lane->pidfd >= 0) {
        hone_loop_remove(loop, lane->pidfd);
        close(lane->pidfd);
    }
    hone_json_finish(lane);
    hone_segment_destroy(&lane->up);
    hone_segment_destroy(&lane->down);
    free(lane->held);
    free(lane->slot);
    free(lane->input.bytes);
    free(lane->output.bytes);
    free(lane);
}

void hone_lane_doom(struct hone_lane *lane, const char *format, ...) {
    if (lane->doomed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lane->reason, sizeof lane->reason, format, arguments);
    va_end(arguments);
    lane->doomed = lane->session->doomed = true;
    hone_loop_wake(lane->session->loop);
}

void hone_lane_gone(struct hone_lane *lane) {
    hone_lane_doom(lane, "%s", "");
}

void hone_lane_strike(struct hone_lane *lane, const char *format, ...) {
    char text[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    hone_session_counters(lane->session)->protocol_errors++;
    if (++lane->strikes >= HONE_STRIKES_MAX)
        hone_lane_doom(lane, "%u protocol errors, the last: %s", lane->strikes, text);
}

static void refuse(struct hone_lane *lane, const struct hone_request *request, int status,
                   const char *message) {
    struct hone_reply reply = {.op = request->op,
                               .slot = request->slot,
                               .tag = request->tag,
                               .status = status,
                               .message = message};
    if (request->op == HONE_OP_FORK)
        reply.slot = request->to_slot;
    hone_lane_reply(lane, &reply);
}

/* Is this request one that a slot answers, and may it have the slot? Returns 0 or why not. */
static int take_slot(struct hone_lane *lane, const struct hone_request *request) {
    if (request->op == HONE_OP_CANCEL)
        return 0;
    struct hone_lane_slot *slot =
        &lane->slot[request->op == HONE_OP_FORK ? request->to_slot : request->slot];
    if (slot->busy && request->op != HONE_OP_RESET)
        return -EBUSY;
    *slot = (struct hone_lane_slot){.tag = request->tag, .busy = true};
    return 0;
}

static bool slots_exist(struct hone_lane *lane, const struct hone_request *request) {
    uint32_t slot = request->slot;
    if (slot < lane->slots && request->op == HONE_OP_FORK)
        slot = request->to_slot;
    if (slot < lane->slots)
        return true;
    hone_lane_strike(lane, "slot %u of %u", slot, lane->slots);
    return false;
}

/* 0: the slot is the request's now. Otherwise it has been answered. */
static int admit(struct hone_lane *lane, const struct hone_request *request) {
    hone_session_counters(lane->session)->requests++;
    if (request->op == HONE_OP_PING || request->op == HONE_OP_STATS) {
        hone_session_refresh_ctl(lane->session);
        refuse(lane, request, 0, NULL);
        return -EALREADY;
    }
    if (request->op < HONE_OP_RESET || request->op > HONE_OP_STATS) {
        refuse(lane, request, -EOPNOTSUPP, "unknown operation");
        return -EOPNOTSUPP;
    }
    if (!slots_exist(lane, request)) {
        refuse(lane, request, -EINVAL, "no such slot");
        return -EINVAL;
    }
    int status = take_slot(lane, request);
    if (status)
        refuse(lane, request, status, "the slot is busy: receive its answer or cancel it first");
    return status;
}

static void hand_over(struct hone_lane *lane, struct hone_request *request) {
    const struct hone_session *session = lane->session;
    session->events.request(session->events.context, lane, request);
}

void hone_lane_request(struct hone_lane *lane, struct hone_request *request) {
    if (!admit(lane, request))
        hand_over(lane, request);
    free(request->source);
    request->source = NULL;
}

struct snapshot {
    const char *block;
    struct hone_action_block action;
    char *source;
    uint64_t source_bytes;
};

static void copy_block(void *context) {
    struct snapshot *snapshot = context;
    memcpy(&snapshot->action, snapshot->block, sizeof snapshot->action);
    if (snapshot->source)
        memcpy(snapshot->source, snapshot->block + sizeof snapshot->action, snapshot->source_bytes);
}

static bool ends(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

static bool texts_end(const struct hone_action_block *action) {
    return ends(action->task, sizeof action->task) && ends(action->group, sizeof action->group) &&
           ends(action->language, sizeof action->language) &&
           ends(action->options, sizeof action->options);
}

static double known(double value) {
    return isfinite(value) && value > 0 ? value : (double)NAN;
}

static void fill_request(struct hone_request *request, const struct hone_action_block *action) {
    if (request->op == HONE_OP_RESET) {
        memcpy(request->task, action->task, sizeof request->task);
        memcpy(request->group, action->group, sizeof request->group);
        request->seed = action->seed;
        request->turns = action->turns;
        request->goal_speedup = known(action->goal_speedup);
        return;
    }
    memcpy(request->language, action->language, sizeof request->language);
    memcpy(request->options, action->options, sizeof request->options);
    request->stages = action->stages;
    request->flags = action->flags;
    request->turn = action->turn;
    request->predicted_speedup = known(action->predicted_speedup);
}

/* The one copy at the trust boundary: the block as it is now, into private memory, then checked
 * there. */
static int take_action(struct hone_lane *lane, struct hone_request *request, uint32_t bytes,
                       const char **why) {
    uint32_t stride = lane->session->options.action_bytes;
    struct snapshot snapshot = {.block = lane->actions + (size_t)request->slot * stride};
    if (request->op == HONE_OP_STEP) {
        if (bytes > stride - sizeof(struct hone_action_block)) {
            *why = "the source is longer than the action block";
            hone_lane_strike(lane, "a source of %u bytes in a block of %u", bytes, stride);
            return -EMSGSIZE;
        }
        snapshot.source_bytes = bytes;
        snapshot.source = malloc((size_t)bytes + 1);
        if (!snapshot.source) {
            *why = "the server is out of memory";
            return -ENOMEM;
        }
        snapshot.source[bytes] = '\0';
    }
    request->source = snapshot.source;
    request->source_bytes = snapshot.source_bytes;
    if (hone_guard(copy_block, &snapshot)) {
        hone_lane_doom(lane, "its shared memory was truncated");
        *why = "";
        return -EFAULT;
    }
    if (!texts_end(&snapshot.action)) {
        *why = "a text of the action block does not end";
        hone_lane_strike(lane, "a text without an end");
        return -EINVAL;
    }
    fill_request(request, &snapshot.action);
    return 0;
}

static void handle_line(struct hone_lane *lane, const struct hone_line *line) {
    struct hone_request request = {
        .op = line->op,
        .slot = line->slot,
        .tag = line->sequence,
        .node = line->node,
        .to_slot = line->to_slot,
        .goal_speedup = NAN,
        .predicted_speedup = NAN,
    };
    if (admit(lane, &request))
        return;
    if (request.op == HONE_OP_STEP || request.op == HONE_OP_RESET) {
        const char *why = NULL;
        int status = take_action(lane, &request, line->bytes, &why);
        if (status) {
            refuse(lane, &request, status, why);
            free(request.source);
            return;
        }
    }
    hand_over(lane, &request);
    free(request.source);
}

struct look {
    struct hone_lane *lane;
    enum hone_ring_state state;
    struct hone_line line;
};

static void look_at_ring(void *context) {
    struct look *look = context;
    look->state = hone_ring_poll(&look->lane->requests);
    if (look->state != HONE_RING_READY)
        return;
    hone_ring_take(&look->lane->requests, &look->line);
    struct hone_down *down = (void *)look->lane->down.base;
    __atomic_store_n(&down->consumed, look->line.sequence, __ATOMIC_RELEASE);
}

bool hone_lane_scan(struct hone_lane *lane) {
    if (lane->state != HONE_LANE_SHARED)
        return hone_lane_read_on(lane);
    bool any = false;
    for (int i = 0; i < HONE_LINES_AT_ONCE && !lane->doomed; i++) {
        if (lane->held_count) {
            hone_lane_flush(lane);
            if (lane->held_count) /* it does not read: it is not read either */
                return any;
        }
        struct look look = {.lane = lane};
        if (hone_guard(look_at_ring, &look)) {
            hone_lane_doom(lane, "its shared memory was truncated");
            return true;
        }
        if (look.state == HONE_RING_EMPTY)
            return any;
        any = true;
        if (look.state == HONE_RING_BROKEN)
            hone_lane_strike(lane, "a line whose sequence is neither old nor next");
        else
            handle_line(lane, &look.line);
    }
    return any;
}

static void store_parked(void *context) {
    struct hone_lane *lane = context;
    __atomic_store_n(&((struct hone_down *)lane->down.base)->parked, 1u, __ATOMIC_RELAXED);
}

static void clear_parked(void *context) {
    struct hone_lane *lane = context;
    __atomic_store_n(&((struct hone_down *)lane->down.base)->parked, 0u, __ATOMIC_RELAXED);
}

void hone_lane_set_parked(struct hone_lane *lane, bool parked) {
    if (lane->state == HONE_LANE_SHARED && !lane->doomed &&
        hone_guard(parked ? store_parked : clear_parked, lane))
        hone_lane_doom(lane, "its shared memory was truncated");
}

struct progressing {
    struct hone_down *down;
    uint32_t slot, value;
};

static void store_progress(void *context) {
    const struct progressing *progressing = context;
    __atomic_store_n(&progressing->down->progress[progressing->slot], progressing->value,
                     __ATOMIC_RELAXED);
}

void hone_lane_progress(struct hone_lane *lane, uint32_t slot, uint32_t stage) {
    if (lane->state != HONE_LANE_SHARED || lane->doomed || slot >= lane->slots)
        return;
    struct progressing progressing = {(void *)lane->down.base, slot, stage + 1};
    if (hone_guard(store_progress, &progressing))
        hone_lane_doom(lane, "its shared memory was truncated");
}

uid_t hone_lane_uid(const struct hone_lane *lane) {
    return lane->uid;
}

void *hone_lane_user(const struct hone_lane *lane) {
    return lane->user;
}

void hone_lane_set_user(struct hone_lane *lane, void *user) {
    lane->user = user;
}
