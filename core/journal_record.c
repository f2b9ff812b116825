#include "core/journal_record.h"

#include <errno.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are stored as they are");

/* One description of a record's fields serves three purposes, so that they cannot drift apart. */
struct codec {
    enum { COUNTING, WRITING, READING } mode;
    char *to;
    const char *from;
    uint64_t left;  /* READING: bytes not yet read */
    uint64_t bytes; /* COUNTING */
    bool bad;
};

static void put(struct codec *codec, void *field, uint64_t size) {
    if (codec->mode == COUNTING) {
        codec->bytes += size;
    } else if (codec->mode == WRITING) {
        memcpy(codec->to, field, size);
        codec->to += size;
    } else if (codec->left < size) {
        codec->bad = true;
        codec->left = 0;
    } else {
        memcpy(field, codec->from, size);
        codec->from += size;
        codec->left -= size;
    }
}

/* An earlier version knew no more fields: they keep their zeros. */
static bool ends_here(const struct codec *codec) {
    return codec->mode == READING && !codec->left;
}

static void put_slice(struct codec *codec, struct hone_slice *slice) {
    if (codec->mode == COUNTING && slice->size > UINT32_MAX)
        codec->bad = true;
    uint32_t size = (uint32_t)slice->size;
    put(codec, &size, sizeof size);
    if (codec->mode == COUNTING) {
        codec->bytes += size;
    } else if (codec->mode == WRITING) {
        if (size)
            memcpy(codec->to, slice->bytes, size);
        codec->to += size;
    } else if (codec->bad || codec->left < size) {
        codec->bad = true;
        *slice = (struct hone_slice){"", 0};
    } else {
        *slice = (struct hone_slice){codec->from, size};
        codec->from += size;
        codec->left -= size;
    }
}

static void put_parts(struct codec *codec, struct hone_record_result *result) {
    if (result->part_count > HONE_STORE_PARTS_MAX) {
        codec->bad = true;
        return;
    }
    put(codec, result->parts, result->part_count * sizeof result->parts[0]);
}

static void put_run(struct codec *codec, struct hone_record_run *run) {
    put(codec, &run->id, sizeof run->id);
    put(codec, &run->time_ns, sizeof run->time_ns);
    put(codec, &run->schema, sizeof run->schema);
    put_slice(codec, &run->name);
    put_slice(codec, &run->facts);
}

static void put_source(struct codec *codec, struct hone_record_source *source) {
    put(codec, &source->id, sizeof source->id);
    put_slice(codec, &source->text);
}

static void put_context(struct codec *codec, struct hone_record_context *context) {
    put(codec, &context->id, sizeof context->id);
    put_slice(codec, &context->task);
    put_slice(codec, &context->task_hash);
    put_slice(codec, &context->language);
    put_slice(codec, &context->options);
    put_slice(codec, &context->group);
}

static void put_episode(struct codec *codec, struct hone_record_episode *episode) {
    put(codec, &episode->episode, sizeof episode->episode);
    put(codec, &episode->seed, sizeof episode->seed);
    put(codec, &episode->time_ns, sizeof episode->time_ns);
    put(codec, &episode->terminated, sizeof episode->terminated);
    put(codec, &episode->truncated, sizeof episode->truncated);
    put_slice(codec, &episode->task);
    put_slice(codec, &episode->group);
    put_slice(codec, &episode->why);
    if (ends_here(codec))
        return;
    put_slice(codec, &episode->task_hash);
    put(codec, &episode->token, sizeof episode->token);
    put(codec, &episode->trunk, sizeof episode->trunk);
    put(codec, &episode->slot, sizeof episode->slot);
    put(codec, &episode->turns, sizeof episode->turns);
    put(codec, &episode->evaluations, sizeof episode->evaluations);
    put(codec, &episode->compile_seconds, sizeof episode->compile_seconds);
    put(codec, &episode->device_seconds, sizeof episode->device_seconds);
    put(codec, &episode->wall_seconds, sizeof episode->wall_seconds);
    put(codec, &episode->goal_speedup, sizeof episode->goal_speedup);
}

static void put_action(struct codec *codec, struct hone_record_action *action) {
    put(codec, &action->step, sizeof action->step);
    put(codec, &action->episode, sizeof action->episode);
    put(codec, &action->node, sizeof action->node);
    put(codec, &action->parent, sizeof action->parent);
    put(codec, &action->token, sizeof action->token);
    put(codec, &action->source, sizeof action->source);
    put(codec, &action->context, sizeof action->context);
    put(codec, &action->seed, sizeof action->seed);
    put(codec, &action->time_ns, sizeof action->time_ns);
    put(codec, &action->turn, sizeof action->turn);
    put(codec, &action->stages, sizeof action->stages);
    put(codec, &action->flags, sizeof action->flags);
}

static void put_result(struct codec *codec, struct hone_record_result *result) {
    put(codec, &result->step, sizeof result->step);
    put(codec, &result->repeats, sizeof result->repeats);
    put(codec, &result->time_ns, sizeof result->time_ns);
    put(codec, &result->reward, sizeof result->reward);
    put(codec, &result->part_count, sizeof result->part_count);
    put_parts(codec, result);
    put_slice(codec, &result->message);
    put_slice(codec, &result->feedback);
    put_slice(codec, &result->evidence);
    if (ends_here(codec))
        return;
    put_slice(codec, &result->diagnostics);
    put(codec, &result->repeatable, sizeof result->repeatable);
    put(codec, &result->device_ns, sizeof result->device_ns);
    put(codec, result->images, sizeof result->images);
}

/* The parts are the rest of the record: no room is left for their count. */
static void put_repeat(struct codec *codec, struct hone_record_result *result) {
    put(codec, &result->step, sizeof result->step);
    put(codec, &result->repeats, sizeof result->repeats);
    put(codec, &result->time_ns, sizeof result->time_ns);
    put(codec, &result->reward, sizeof result->reward);
    if (codec->mode == READING) {
        uint64_t count = codec->left / sizeof result->parts[0];
        result->part_count = count > HONE_STORE_PARTS_MAX ? UINT32_MAX : (uint32_t)count;
    }
    put_parts(codec, result);
}

static int put_record(struct codec *codec, struct hone_record *record) {
    switch (record->kind) {
    case HONE_RECORD_RUN:
        put_run(codec, &record->run);
        break;
    case HONE_RECORD_SOURCE:
        put_source(codec, &record->source);
        break;
    case HONE_RECORD_CONTEXT:
        put_context(codec, &record->context);
        break;
    case HONE_RECORD_EPISODE_BEGIN:
    case HONE_RECORD_EPISODE_END:
        put_episode(codec, &record->episode);
        break;
    case HONE_RECORD_ACTION:
        put_action(codec, &record->action);
        break;
    case HONE_RECORD_RESULT:
        put_result(codec, &record->result);
        break;
    case HONE_RECORD_REPEAT:
        put_repeat(codec, &record->result);
        break;
    case HONE_RECORD_FINISHED:
    case HONE_RECORD_CONTINUED:
        put(codec, &record->moment.time_ns, sizeof record->moment.time_ns);
        break;
    case HONE_RECORD_IMAGE:
        put(codec, &record->image.id, sizeof record->image.id);
        put_slice(codec, &record->image.image);
        put_slice(codec, &record->image.listing);
        put_slice(codec, &record->image.entries);
        break;
    case HONE_RECORD_GOTO:
        put(codec, &record->moved.episode, sizeof record->moved.episode);
        put(codec, &record->moved.node, sizeof record->moved.node);
        put(codec, &record->moved.time_ns, sizeof record->moved.time_ns);
        break;
    default:
        return -ENOTSUP;
    }
    return 0;
}

struct hone_slice hone_slice(const char *text) {
    return text ? (struct hone_slice){text, strlen(text)} : (struct hone_slice){"", 0};
}

/* Only a reading codec writes to the record. */
int hone_record_size(const struct hone_record *record, uint64_t *bytes) {
    struct codec codec = {.mode = COUNTING};
    if (put_record(&codec, (struct hone_record *)(uintptr_t)record) || codec.bad)
        return -EINVAL;
    *bytes = codec.bytes;
    return 0;
}

void hone_record_encode(const struct hone_record *record, void *payload) {
    struct codec codec = {.mode = WRITING, .to = payload};
    put_record(&codec, (struct hone_record *)(uintptr_t)record);
}

int hone_record_decode(uint16_t kind, const void *payload, uint64_t bytes,
                       struct hone_record *record) {
    memset(record, 0, sizeof *record);
    record->kind = (enum hone_record_kind)kind;
    struct codec codec = {.mode = READING, .from = payload, .left = bytes};
    int failed = put_record(&codec, record);
    if (failed)
        return failed;
    return codec.bad ? -EBADMSG : 0;
}
