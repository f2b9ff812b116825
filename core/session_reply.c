#include "core/session_private.h"

#include "core/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct writing {
    char *block;
    uint32_t *progress; /* of the slot: nothing runs in it any more */
    uint32_t room, used;
    const struct hone_reply *reply;
};

static void blank(struct hone_observation *observation) {
    *observation = (struct hone_observation){.evaluations_left = -1};
    double none = (double)NAN;
    observation->reward = observation->speedup = none;
    observation->speedup_low = observation->speedup_high = none;
    observation->kernel_ns = observation->baseline_ns = none;
    observation->noise = observation->coverage = observation->roofline_fraction = none;
    observation->best_reward = observation->best_speedup = none;
}

/* Put one text behind what is there. `share`: the largest part of the room that is left it may
 * take, as 1/share. */
static void put_text(struct writing *writing, const char *text, uint32_t share, uint32_t *offset,
                     uint32_t *bytes) {
    *offset = *bytes = 0;
    if (!text || !text[0])
        return;
    uint32_t room = (writing->room - writing->used) / share;
    if (!room)
        return;
    *offset = writing->used;
    *bytes = (uint32_t)hone_text_fit(writing->block + writing->used, room, text);
    writing->used += *bytes + 1;
}

static void write_block(void *context) {
    struct writing *writing = context;
    const struct hone_reply *reply = writing->reply;
    struct hone_observation observation;
    if (reply->observation)
        observation = *reply->observation;
    else
        blank(&observation);
    observation.size = sizeof observation;
    observation.status = reply->status;
    observation.slot = reply->slot;
    observation.op = reply->op;
    observation.tag = reply->tag;
    writing->used = sizeof observation;
    put_text(writing, reply->message, 4, &observation.message_offset, &observation.message_bytes);
    put_text(writing, reply->prompt, 2, &observation.prompt_offset, &observation.prompt_bytes);
    put_text(writing, reply->feedback, 1, &observation.feedback_offset,
             &observation.feedback_bytes);
    /* Half a JSON text helps nobody. */
    bool fits = reply->json && strlen(reply->json) < writing->room - writing->used;
    put_text(writing, fits ? reply->json : NULL, 1, &observation.json_offset,
             &observation.json_bytes);
    memcpy(writing->block, &observation, sizeof observation);
    __atomic_store_n(writing->progress, 0u, __ATOMIC_RELAXED);
}

struct publishing {
    struct hone_lane *lane;
    const struct hone_line *line;
    bool full;
};

static void publish(void *context) {
    struct publishing *publishing = context;
    struct hone_lane *lane = publishing->lane;
    const struct hone_up *up = (const void *)lane->up.base;
    uint64_t read = __atomic_load_n(&up->consumed, __ATOMIC_ACQUIRE);
    if (read > lane->replies_read &&
        read < lane->replies.next) /* else a lie: the agent waits longer */
        lane->replies_read = read;
    publishing->full = hone_ring_full(&lane->replies, lane->replies_read);
    if (!publishing->full)
        hone_ring_publish(&lane->replies, publishing->line);
}

/* 0, or -EAGAIN when the ring is full. */
static int send_line(struct hone_lane *lane, const struct hone_line *line) {
    struct publishing publishing = {.lane = lane, .line = line};
    if (hone_guard(publish, &publishing)) {
        hone_lane_doom(lane, "its shared memory was truncated");
        return 0;
    }
    if (publishing.full)
        return -EAGAIN;
    hone_bell_ring(lane);
    return 0;
}

static void tell_held(void *context) {
    const struct hone_lane *lane = context;
    struct hone_down *down = (void *)lane->down.base;
    __atomic_store_n(&down->held, lane->held_count, __ATOMIC_RELAXED);
}

void hone_lane_flush(struct hone_lane *lane) {
    uint32_t sent = 0;
    while (sent < lane->held_count && !lane->doomed && !send_line(lane, &lane->held[sent]))
        sent++;
    if (!sent || lane->doomed)
        return;
    lane->held_count -= sent;
    memmove(lane->held, lane->held + sent, lane->held_count * sizeof *lane->held);
    (void)hone_guard(tell_held, lane);
}

static void queue_line(struct hone_lane *lane, const struct hone_line *line) {
    if (!lane->held_count && !send_line(lane, line))
        return;
    if (lane->held_count == lane->held_capacity) {
        hone_lane_doom(lane, "it does not read its replies");
        return;
    }
    lane->held[lane->held_count++] = *line;
    (void)hone_guard(tell_held, lane);
}

/* The slot that waits for this very reply; NULL: none does. A fork is found by its tag: it names
 * two slots. */
static struct hone_lane_slot *find_owner(struct hone_lane *lane, const struct hone_reply *reply) {
    uint32_t first = reply->slot, end = reply->slot + 1;
    if (reply->op == HONE_OP_FORK) {
        first = 0;
        end = lane->slots;
    }
    if (reply->op == HONE_OP_CANCEL || end > lane->slots)
        return NULL;
    for (uint32_t slot = first; slot < end; slot++)
        if (lane->slot[slot].busy && lane->slot[slot].tag == reply->tag)
            return &lane->slot[slot];
    return NULL;
}

void hone_lane_reply(struct hone_lane *lane, const struct hone_reply *reply) {
    if (lane->doomed)
        return;
    hone_session_counters(lane->session)->replies++;
    struct hone_lane_slot *owner = find_owner(lane, reply);
    struct hone_reply late = *reply;
    if (owner) {
        owner->busy = false;
        late.slot = (uint32_t)(owner - lane->slot);
    } else if (reply->observation) {
        late.observation = NULL;
        late.status = -ECANCELED;
        late.message = "a reset took the slot over";
        late.feedback = late.prompt = late.json = NULL;
    }
    if (lane->state == HONE_LANE_JSON) {
        hone_json_reply(lane, &late);
        return;
    }
    struct hone_line line = {
        .op = (uint16_t)late.op, .slot = late.slot, .status = late.status, .tag = late.tag};
    if (owner) {
        uint32_t room = lane->session->options.observation_bytes;
        struct hone_down *down = (void *)lane->down.base;
        struct writing writing = {lane->observations + (size_t)late.slot * room,
                                  &down->progress[late.slot], room, 0, &late};
        if (hone_guard(write_block, &writing)) {
            hone_lane_doom(lane, "its shared memory was truncated");
            return;
        }
        line.bytes = writing.used;
    }
    queue_line(lane, &line);
}
