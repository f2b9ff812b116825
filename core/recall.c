#include "core/recall.h"

#include "core/error.h"
#include "core/evidence.h"
#include "core/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the record of each number is; 0: there is none. */
struct offsets {
    uint64_t *at;
    uint64_t count, capacity;
};

struct hone_recall {
    struct hone_journal_reader *reader;
    struct offsets sources, contexts, actions, results, images, episodes;
};

/* Numbers count from 1 without gaps but where a record is damaged: one far beyond is damage too. */
#define GAP_MOST 65536u

static int note(struct offsets *offsets, uint64_t number, uint64_t offset) {
    if (!number || number > offsets->count + GAP_MOST)
        return 0;
    if (number > offsets->capacity) {
        uint64_t capacity = 2 * number < 1024 ? 1024 : 2 * number;
        uint64_t *at = realloc(offsets->at, capacity * sizeof *at);
        if (!at)
            return -ENOMEM;
        memset(at + offsets->capacity, 0, (capacity - offsets->capacity) * sizeof *at);
        offsets->at = at;
        offsets->capacity = capacity;
    }
    if (number > offsets->count)
        offsets->count = number;
    if (!offsets->at[number - 1]) /* the first record about a thing is the one that was shown */
        offsets->at[number - 1] = offset;
    return 0;
}

static int index_record(void *context, uint64_t offset, const struct hone_record *record) {
    struct hone_recall *recall = context;
    switch (record->kind) {
    case HONE_RECORD_SOURCE:
        return note(&recall->sources, record->source.id, offset);
    case HONE_RECORD_CONTEXT:
        return note(&recall->contexts, record->context.id, offset);
    case HONE_RECORD_IMAGE:
        return note(&recall->images, record->image.id, offset);
    case HONE_RECORD_EPISODE_BEGIN:
        return note(&recall->episodes, record->episode.episode, offset);
    case HONE_RECORD_ACTION:
        return note(&recall->actions, record->action.step, offset);
    case HONE_RECORD_RESULT:
    case HONE_RECORD_REPEAT:
        return note(&recall->results, record->result.step, offset);
    default:
        return 0;
    }
}

static int read_record(struct hone_recall *recall, const struct offsets *offsets, uint64_t number,
                       struct hone_record *record) {
    if (!number || number > offsets->count || !offsets->at[number - 1])
        return -ENOENT;
    return hone_record_at(recall->reader, offsets->at[number - 1], record);
}

int hone_recall_turns(struct hone_recall *recall, uint64_t episode, uint32_t *turns) {
    struct hone_record record;
    int code = read_record(recall, &recall->episodes, episode, &record);
    if (!code)
        *turns = record.episode.turns;
    return code;
}

static bool copy_text(struct hone_slice slice, char *to, size_t size) {
    if (slice.size >= size || memchr(slice.bytes, 0, slice.size))
        return false;
    memcpy(to, slice.bytes, slice.size);
    to[slice.size] = '\0';
    return true;
}

static char *text_of(struct hone_slice slice) {
    return slice.size ? strndup(slice.bytes, slice.size) : NULL;
}

/* What was asked. */
static int recall_action(struct hone_recall *recall, const struct hone_engine *engine,
                         const struct hone_record_action *action, struct hone_step **out) {
    struct hone_record record;
    char id[256], hash[128], language[sizeof(*out)->language], options[sizeof(*out)->options];
    int code = read_record(recall, &recall->contexts, action->context, &record);
    if (code)
        return code;
    const struct hone_record_context *context = &record.context;
    if (!copy_text(context->task, id, sizeof id) ||
        !copy_text(context->task_hash, hash, sizeof hash) ||
        !copy_text(context->language, language, sizeof language) ||
        !copy_text(context->options, options, sizeof options))
        return -EBADMSG;
    const struct hone_task *task = hone_engine_task(engine, id);
    if (!task || strcmp(task->hash, hash))
        return -ESTALE;
    code = read_record(recall, &recall->sources, action->source, &record);
    if (code)
        return code;
    struct hone_step *step =
        hone_step_create(task, language, record.source.text.bytes, record.source.text.size);
    if (!step)
        return -ENOMEM;
    memcpy(step->options, options, sizeof options);
    step->id = action->step;
    step->turn = action->turn;
    step->stages = action->stages;
    step->flags = action->flags;
    step->debug_seed = action->seed;
    *out = step;
    return 0;
}

static int take_evidence(struct hone_step *step, const struct hone_record_result *result) {
    struct hone_evidence *evidence;
    int code = hone_evidence_read(result->evidence.bytes, result->evidence.size, &evidence, NULL);
    if (code)
        return code;
    free(step->evidence);
    step->evidence = evidence;
    step->verdict = evidence->verdict;
    step->reason = evidence->reason;
    size_t length = result->message.size < sizeof step->message - 1 ? result->message.size
                                                                    : sizeof step->message - 1;
    memcpy(step->message, result->message.bytes, length);
    step->message[length] = '\0';
    step->diagnostics = text_of(result->diagnostics);
    return 0;
}

/* How it ended; a cached one has the evidence of the step that it repeats. */
static int recall_result(struct hone_recall *recall, struct hone_record *record,
                         struct hone_recalled *out) {
    struct hone_step *step = out->step;
    struct hone_record_result *result = &record->result;
    step->reward = result->reward;
    step->cached = result->repeats != 0;
    step->repeats = result->repeats == step->id ? 0 : result->repeats;
    for (uint32_t i = 0; i < result->part_count && i < HONE_REWARDS_MAX; i++)
        step->parts[i] = result->parts[i];
    for (int hops = 0; record->kind == HONE_RECORD_REPEAT; hops++) {
        int code =
            hops < 8 ? read_record(recall, &recall->results, result->repeats, record) : -ELOOP;
        if (code)
            return code;
    }
    out->repeatable = result->repeatable && !step->cached;
    if (!step->cached)
        out->feedback = text_of(result->feedback);
    int code = take_evidence(step, result);
    if (!code && step->cached)
        hone_evidence_place(step->evidence, step);
    return code;
}

int hone_recall_step(struct hone_recall *recall, const struct hone_engine *engine, uint64_t id,
                     struct hone_recalled *out) {
    struct hone_record record;
    *out = (struct hone_recalled){0};
    int code = read_record(recall, &recall->actions, id, &record);
    if (code)
        return code;
    const struct hone_record_action action = record.action;
    out->node = action.node;
    out->parent = action.parent;
    out->episode = action.episode;
    code = recall_action(recall, engine, &action, &out->step);
    if (!code) {
        code = read_record(recall, &recall->results, id, &record);
        out->ended = !code;
        code = code == -ENOENT ? 0 : code;
        if (out->ended)
            code = recall_result(recall, &record, out);
    }
    if (code)
        hone_recalled_finish(out);
    return code;
}

int hone_recall_image(struct hone_recall *recall, uint64_t step, uint32_t index,
                      struct hone_image_record *image, void **memory) {
    struct hone_record record;
    int code = read_record(recall, &recall->results, step, &record);
    if (!code && (record.kind != HONE_RECORD_RESULT || index >= HONE_STORE_IMAGES_MAX))
        code = -ENOENT;
    if (!code)
        code = read_record(recall, &recall->images, record.result.images[index], &record);
    if (code)
        return code;
    const struct hone_record_image *found = &record.image;
    char *copy = malloc(found->image.size + found->listing.size + found->entries.size + 2);
    if (!copy)
        return -ENOMEM;
    char *listing = copy + found->image.size, *entries = listing + found->listing.size + 1;
    memcpy(copy, found->image.bytes, found->image.size);
    memcpy(listing, found->listing.bytes, found->listing.size);
    listing[found->listing.size] = '\0';
    memcpy(entries, found->entries.bytes, found->entries.size);
    entries[found->entries.size] = '\0';
    *memory = copy;
    *image =
        (struct hone_image_record){copy, found->image.size, found->listing.size ? listing : NULL,
                                   found->listing.size, found->entries.size ? entries : NULL};
    return 0;
}

void hone_recalled_finish(struct hone_recalled *recalled) {
    hone_step_destroy(recalled->step);
    free(recalled->feedback);
    *recalled = (struct hone_recalled){0};
}

struct hone_journal_reader *hone_recall_reader(struct hone_recall *recall) {
    return recall->reader;
}

uint64_t hone_recall_steps(const struct hone_recall *recall) {
    return recall->actions.count;
}

int hone_recall_open(const char *path, struct hone_recall **out, struct hone_error *error) {
    struct hone_recall *recall = calloc(1, sizeof *recall);
    if (!recall)
        return hone_fail(error, -ENOMEM, "out of memory");
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = folder < 0
                     ? hone_fail(error, -errno, "cannot open run %s: %s", path, strerror(errno))
                     : hone_journal_reader_open(folder, HONE_JOURNAL_FILE, &recall->reader, error);
    if (!failed)
        failed = hone_records_replay(recall->reader, index_record, recall, NULL, error);
    if (folder >= 0)
        close(folder);
    if (failed)
        hone_recall_close(recall);
    else
        *out = recall;
    return failed;
}

void hone_recall_close(struct hone_recall *recall) {
    if (!recall)
        return;
    hone_journal_reader_close(recall->reader);
    free(recall->sources.at);
    free(recall->contexts.at);
    free(recall->actions.at);
    free(recall->results.at);
    free(recall->images.at);
    free(recall->episodes.at);
    free(recall);
}
