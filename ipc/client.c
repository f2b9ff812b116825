#include "client.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hone_client_say(struct hone *hone, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(hone->message, sizeof hone->message, format, arguments);
    va_end(arguments);
    return code;
}

const char *hone_message(const struct hone *hone) {
    return hone->message;
}

uint32_t hone_slots(const struct hone *hone) {
    return hone->slots;
}

uint64_t hone_token(const struct hone *hone) {
    return hone->token;
}

static const struct hone_down *down_of(const struct hone *hone) {
    return (const void *)hone->down.base;
}

static const struct hone_observation *observation_of(const struct hone *hone, uint32_t slot) {
    const struct hone_header *header = &hone->down_header;
    return (const void *)(hone->down.base + header->block_offset +
                          (uint64_t)slot * header->block_bytes);
}

static struct hone_action_block *action_of(const struct hone *hone, uint32_t slot) {
    const struct hone_header *header = &hone->up_header;
    return (void *)(hone->up.base + header->block_offset + (uint64_t)slot * header->block_bytes);
}

const struct hone_observation *hone_last(const struct hone *hone, uint32_t slot) {
    return slot < hone->slots && hone->slot[slot].answered ? observation_of(hone, slot) : NULL;
}

int hone_progress(const struct hone *hone, uint32_t slot) {
    if (slot >= hone->slots)
        return -1;
    return (int)__atomic_load_n(&down_of(hone)->progress[slot], __ATOMIC_RELAXED) - 1;
}

const char *hone_catalogue(const struct hone *hone, size_t *bytes) {
    const struct hone_header *header = (const void *)hone->ctl.base;
    if (bytes)
        *bytes = header->text_bytes;
    return hone->ctl.base + header->text_offset;
}

char *hone_action_buffer(struct hone *hone, uint32_t slot, size_t *capacity) {
    if (slot >= hone->slots) {
        hone_client_say(hone, -EINVAL, "slot %u of %u", slot, hone->slots);
        return NULL;
    }
    if (capacity)
        *capacity = hone->up_header.block_bytes - sizeof(struct hone_action_block);
    return (char *)(action_of(hone, slot) + 1);
}

static int check_slot(struct hone *hone, uint32_t slot) {
    hone->message[0] = '\0';
    return slot < hone->slots ? 0
                              : hone_client_say(hone, -EINVAL, "slot %u of %u", slot, hone->slots);
}

static int check_idle(struct hone *hone, uint32_t slot) {
    int status = check_slot(hone, slot);
    if (!status && hone->slot[slot].busy)
        return hone_client_say(hone, -EBUSY, "slot %u is busy: receive its answer or cancel it",
                               slot);
    return status;
}

/* Publish a request and ring; returns its tag in `line->sequence`. */
static int send_line(struct hone *hone, struct hone_line *line) {
    if (hone->lost)
        return hone_client_wait(hone, 0);
    uint64_t consumed = __atomic_load_n(&down_of(hone)->consumed, __ATOMIC_ACQUIRE);
    if (hone_ring_full(&hone->requests, consumed))
        return hone_client_say(hone, -EAGAIN, "the server has not taken earlier requests yet");
    line->sequence = hone->requests.next;
    hone_ring_publish(&hone->requests, line);
    hone_client_ring(hone);
    return 0;
}

static void forget_unread(struct hone *hone, uint32_t slot) {
    if (!hone->slot[slot].unread)
        return;
    hone->slot[slot].unread = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < hone->unread; i++)
        if (hone->order[i] != slot)
            hone->order[kept++] = hone->order[i];
    hone->unread = kept;
}

/* Send what `slot` will answer; its last observation ends here. */
static int send_to_slot(struct hone *hone, uint32_t slot, struct hone_line *line) {
    int status = send_line(hone, line);
    if (status)
        return status;
    struct hone_client_slot *own = &hone->slot[slot];
    forget_unread(hone, slot);
    hone->busy += !own->busy;
    *own = (struct hone_client_slot){.tag = line->sequence, .busy = true};
    return 0;
}

static void take_line(struct hone *hone) {
    struct hone_line line;
    hone_ring_take(&hone->replies, &line);
    struct hone_up *up = (void *)hone->up.base;
    __atomic_store_n(&up->consumed, line.sequence, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&down_of(hone)->held, __ATOMIC_RELAXED))
        hone_client_ring(hone);
    if (hone->call_tag && line.tag == hone->call_tag) {
        hone->call_tag = 0;
        hone->call_status = line.status;
        return;
    }
    if (line.slot >= hone->slots)
        return;
    struct hone_client_slot *slot = &hone->slot[line.slot];
    if (!slot->busy || slot->tag != line.tag) /* of a request that a reset overtook */
        return;
    slot->busy = false;
    slot->answered = line.bytes >= sizeof(struct hone_observation);
    slot->unread = true;
    slot->status = line.status;
    hone->busy--;
    hone->order[hone->unread++] = line.slot;
}

static int explain(struct hone *hone, uint32_t slot) {
    int status = hone->slot[slot].status;
    const char *text =
        hone->slot[slot].answered ? hone_text(observation_of(hone, slot), HONE_MESSAGE) : "";
    if (status)
        return hone_client_say(hone, status, "%s", text[0] ? text : strerror(-status));
    return 0;
}

static int await_slot(struct hone *hone, uint32_t slot,
                      const struct hone_observation **observation) {
    while (hone->slot[slot].busy) {
        int status = hone_client_wait(hone, 0);
        if (status)
            return status;
        take_line(hone);
    }
    forget_unread(hone, slot);
    if (observation)
        *observation = hone_last(hone, slot);
    return explain(hone, slot);
}

static int await_call(struct hone *hone, struct hone_line *line) {
    int status = send_line(hone, line);
    if (status)
        return status;
    hone->call_tag = line->sequence;
    while (hone->call_tag) {
        status = hone_client_wait(hone, 0);
        if (status)
            return status;
        take_line(hone);
    }
    if (hone->call_status)
        return hone_client_say(hone, hone->call_status, "%s", strerror(-hone->call_status));
    return 0;
}

static int put_text(struct hone *hone, char *to, size_t size, const char *text, const char *what) {
    size_t length = text ? strlen(text) : 0;
    if (length >= size)
        return hone_client_say(hone, -ENAMETOOLONG, "the %s has %zu bytes, at most %zu fit", what,
                               length, size - 1);
    memcpy(to, text ? text : "", length + 1);
    return 0;
}

static double positive(double value) {
    return value > 0 ? value : (double)NAN;
}

int hone_send_reset(struct hone *hone, uint32_t slot, const struct hone_episode *episode) {
    int status = check_slot(hone, slot);
    if (status)
        return status;
    struct hone_action_block *block = action_of(hone, slot);
    status = put_text(hone, block->task, sizeof block->task, episode->task, "task");
    if (!status)
        status = put_text(hone, block->group, sizeof block->group, episode->group, "group");
    if (status)
        return status;
    block->seed = episode->seed;
    block->turns = episode->turns;
    block->goal_speedup = positive(episode->goal_speedup);
    struct hone_line line = {.op = HONE_OP_RESET, .slot = slot};
    return send_to_slot(hone, slot, &line);
}

int hone_send(struct hone *hone, uint32_t slot, const struct hone_action *action) {
    int status = check_idle(hone, slot);
    if (status)
        return status;
    struct hone_action_block *block = action_of(hone, slot);
    size_t capacity = hone->up_header.block_bytes - sizeof *block;
    if (action->source_bytes > capacity)
        return hone_client_say(hone, -EMSGSIZE, "a source of %llu bytes, at most %zu fit",
                               (unsigned long long)action->source_bytes, capacity);
    status = put_text(hone, block->language, sizeof block->language, action->language, "language");
    if (!status)
        status = put_text(hone, block->options, sizeof block->options, action->options, "options");
    if (status)
        return status;
    block->stages = action->stages;
    block->flags = action->flags;
    block->turn = action->turn;
    block->predicted_speedup = positive(action->predicted_speedup);
    struct hone_line line = {
        .op = HONE_OP_STEP, .slot = slot, .bytes = (uint32_t)action->source_bytes};
    return send_to_slot(hone, slot, &line);
}

static void nothing(const struct hone_observation **observation) {
    if (observation)
        *observation = NULL;
}

int hone_reset_with(struct hone *hone, uint32_t slot, const struct hone_episode *episode,
                    const struct hone_observation **observation) {
    nothing(observation);
    int status = hone_send_reset(hone, slot, episode);
    return status ? status : await_slot(hone, slot, observation);
}

int hone_reset(struct hone *hone, uint32_t slot, const char *task, uint64_t seed,
               const struct hone_observation **observation) {
    return hone_reset_with(hone, slot, &(struct hone_episode){.task = task, .seed = seed},
                           observation);
}

int hone_step(struct hone *hone, uint32_t slot, const struct hone_action *action,
              const struct hone_observation **observation) {
    nothing(observation);
    int status = hone_send(hone, slot, action);
    return status ? status : await_slot(hone, slot, observation);
}

int hone_recv(struct hone *hone, const struct hone_observation **observations, uint32_t capacity,
              int64_t timeout_ns) {
    hone->message[0] = '\0';
    uint64_t deadline = timeout_ns < 0 ? 0 : hone_client_now_ns() + (uint64_t)timeout_ns;
    while (hone_ring_poll(&hone->replies) == HONE_RING_READY)
        take_line(hone);
    while (!hone->unread) {
        if (!hone->busy || !capacity)
            return 0;
        int status = hone_client_wait(hone, deadline);
        if (status)
            return status;
        take_line(hone);
    }
    uint32_t count = hone->unread < capacity ? hone->unread : capacity;
    for (uint32_t i = 0; i < count; i++) {
        observations[i] = observation_of(hone, hone->order[i]);
        hone->slot[hone->order[i]].unread = false;
    }
    hone->unread -= count;
    memmove(hone->order, hone->order + count, hone->unread * sizeof hone->order[0]);
    return (int)count;
}

int hone_stop(struct hone *hone, uint32_t slot, const struct hone_observation **observation) {
    nothing(observation);
    int status = check_idle(hone, slot);
    struct hone_line line = {.op = HONE_OP_STOP, .slot = slot};
    if (!status)
        status = send_to_slot(hone, slot, &line);
    return status ? status : await_slot(hone, slot, observation);
}

int hone_goto(struct hone *hone, uint32_t slot, uint64_t node) {
    int status = check_idle(hone, slot);
    struct hone_line line = {.op = HONE_OP_GOTO, .slot = slot, .node = node};
    if (!status)
        status = send_to_slot(hone, slot, &line);
    return status ? status : await_slot(hone, slot, NULL);
}

int hone_fork(struct hone *hone, uint32_t from_slot, uint64_t node, uint32_t to_slot) {
    int status = check_slot(hone, from_slot);
    if (!status)
        status = check_idle(hone, to_slot);
    struct hone_line line = {
        .op = HONE_OP_FORK, .slot = from_slot, .node = node, .to_slot = to_slot};
    if (!status)
        status = send_to_slot(hone, to_slot, &line);
    return status ? status : await_slot(hone, to_slot, NULL);
}

int hone_cancel(struct hone *hone, uint32_t slot) {
    int status = check_slot(hone, slot);
    struct hone_line line = {.op = HONE_OP_CANCEL, .slot = slot};
    return status ? status : await_call(hone, &line);
}

int hone_ping(struct hone *hone) {
    hone->message[0] = '\0';
    struct hone_line line = {.op = HONE_OP_PING};
    return await_call(hone, &line);
}

int hone_stats(struct hone *hone, struct hone_counters *counters) {
    hone->message[0] = '\0';
    struct hone_line line = {.op = HONE_OP_STATS};
    int status = await_call(hone, &line);
    if (!status)
        *counters = ((const struct hone_ctl *)(const void *)hone->ctl.base)->counters;
    return status;
}
