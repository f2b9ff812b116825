#include "core/store_private.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Results and actions are what an agent is told about: those are durable. */
int hone_store_append(struct hone_store *store, const struct hone_record *record, bool durable) {
    uint64_t bytes;
    void *payload;
    int failed = hone_record_size(record, &bytes);
    if (!failed)
        failed = hone_journal_claim(store->journal, bytes, &payload);
    if (failed)
        return failed;
    hone_record_encode(record, payload);
    hone_journal_commit(store->journal, (uint16_t)record->kind);
    if (store->writer)
        hone_store_writer_wake(store->writer);
    /* -ENOSPC would say that nothing was committed. */
    return store->fsync && durable && hone_journal_sync(store->journal) ? -EIO : 0;
}

static int append_episode(struct hone_store *store, enum hone_record_kind kind,
                          const struct hone_episode_record *episode) {
    struct hone_record record = {.kind = kind,
                                 .episode = {.episode = episode->episode,
                                             .seed = episode->seed,
                                             .time_ns = episode->time_ns,
                                             .terminated = episode->terminated,
                                             .truncated = episode->truncated,
                                             .task = hone_slice(episode->task),
                                             .group = hone_slice(episode->group),
                                             .why = hone_slice(episode->why),
                                             .task_hash = hone_slice(episode->task_hash),
                                             .token = episode->token,
                                             .trunk = episode->trunk,
                                             .slot = episode->slot,
                                             .turns = episode->turns,
                                             .evaluations = episode->evaluations,
                                             .compile_seconds = episode->compile_seconds,
                                             .device_seconds = episode->device_seconds,
                                             .wall_seconds = episode->wall_seconds,
                                             .goal_speedup = episode->goal_speedup}};
    return hone_store_append(store, &record, false);
}

int hone_store_episode_begin(struct hone_store *store, const struct hone_episode_record *episode) {
    return append_episode(store, HONE_RECORD_EPISODE_BEGIN, episode);
}

int hone_store_episode_end(struct hone_store *store, const struct hone_episode_record *episode) {
    return append_episode(store, HONE_RECORD_EPISODE_END, episode);
}

int hone_store_goto(struct hone_store *store, uint64_t episode, uint64_t node, int64_t time_ns) {
    struct hone_record record = {.kind = HONE_RECORD_GOTO,
                                 .moved = {.episode = episode, .node = node, .time_ns = time_ns}};
    return hone_store_append(store, &record, true);
}

int hone_store_action(struct hone_store *store, const struct hone_action_record *action) {
    struct hone_record source = {
        .kind = HONE_RECORD_SOURCE,
        .source.text = {action->source ? action->source : "", action->source_bytes}};
    struct hone_record context = {.kind = HONE_RECORD_CONTEXT,
                                  .context = {.task = hone_slice(action->task),
                                              .task_hash = hone_slice(action->task_hash),
                                              .language = hone_slice(action->language),
                                              .options = hone_slice(action->options),
                                              .group = hone_slice(action->group)}};
    uint64_t source_id, context_id;
    int failed = hone_store_blob(store->sources, &source, &source_id);
    if (!failed)
        failed = hone_store_blob(store->contexts, &context, &context_id);
    if (failed)
        return failed;
    struct hone_record record = {.kind = HONE_RECORD_ACTION,
                                 .action = {.step = action->step,
                                            .episode = action->episode,
                                            .node = action->node,
                                            .parent = action->parent,
                                            .token = action->token,
                                            .source = source_id,
                                            .context = context_id,
                                            .seed = action->seed,
                                            .time_ns = action->time_ns,
                                            .turn = action->turn,
                                            .stages = action->stages,
                                            .flags = action->flags}};
    return hone_store_append(store, &record, true);
}

/* A result is worth more than what it was made from: where there is no room for that, it goes
 * without. */
static uint64_t store_image(struct hone_store *store, const struct hone_image_record *image) {
    uint64_t id = 0;
    struct hone_record record = {
        .kind = HONE_RECORD_IMAGE,
        .image = {.image = {image->image, image->image_bytes},
                  .listing = {image->listing, image->listing ? image->listing_bytes : 0},
                  .entries = hone_slice(image->entries)}};
    return hone_store_blob(store->images, &record, &id) ? 0 : id;
}

int hone_store_result(struct hone_store *store, const struct hone_result_record *result) {
    bool repeat = result->repeats && !result->evidence;
    if (result->part_count > HONE_STORE_PARTS_MAX || result->image_count > HONE_STORE_IMAGES_MAX)
        return -EINVAL;
    struct hone_record record = {.kind = repeat ? HONE_RECORD_REPEAT : HONE_RECORD_RESULT,
                                 .result = {.step = result->step,
                                            .repeats = result->repeats,
                                            .time_ns = result->time_ns,
                                            .reward = result->reward,
                                            .part_count = result->part_count}};
    if (result->part_count)
        memcpy(record.result.parts, result->parts,
               result->part_count * sizeof record.result.parts[0]);
    if (!repeat) {
        record.result.message = hone_slice(result->message);
        record.result.feedback = hone_slice(result->feedback);
        record.result.diagnostics = hone_slice(result->diagnostics);
        record.result.repeatable = result->repeatable;
        record.result.device_ns = result->device_ns;
        for (uint32_t i = 0; i < result->image_count; i++)
            record.result.images[i] = store_image(store, &result->images[i]);
    }
    if (result->evidence)
        record.result.evidence =
            (struct hone_slice){(const char *)result->evidence, result->evidence->bytes};
    return hone_store_append(store, &record, true);
}

uint64_t hone_store_written(const struct hone_store *store) {
    return hone_journal_end(store->journal);
}

const char *hone_store_path(const struct hone_store *store) {
    return store->path;
}

const char *hone_store_name(const struct hone_store *store) {
    return store->name;
}

static int make_folders(const char *path) {
    char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    int failed = 0;
    for (char *end = copy + 1; !failed; end++) {
        end += strcspn(end, "/");
        bool last = !*end;
        *end = '\0';
        if (mkdir(copy, 0700) && errno != EEXIST)
            failed = -errno;
        if (last)
            break;
        *end = '/';
    }
    free(copy);
    return failed;
}

/* The letters of a name that may be part of a file's. */
static void safe_name(char to[33], const char *name) {
    size_t used = 0;
    for (; name && *name && used < 32; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || *name == '_' || *name == '.';
        to[used++] = plain ? *name : '_';
    }
    to[used] = '\0';
    if (!used)
        strcpy(to, "run");
}

static int make_run_folder(struct hone_store *store, const char *root, const char *name,
                           int64_t time_ns, struct hone_error *error) {
    int failed = make_folders(root);
    if (failed)
        return hone_fail(error, failed, "cannot make the folder of runs %s: %s", root,
                         strerror(-failed));
    time_t seconds = (time_t)(time_ns / 1000000000);
    struct tm utc;
    char stamp[32], safe[33];
    gmtime_r(&seconds, &utc);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &utc);
    safe_name(safe, name);
    for (int tries = 0; tries < 100; tries++) {
        uint16_t salt;
        if (getrandom(&salt, sizeof salt, 0) != sizeof salt)
            return hone_fail(error, -errno, "no random numbers: %s", strerror(errno));
        free(store->path);
        if (asprintf(&store->path, "%s/%s-%s-%04x", root, stamp, safe, salt) < 0) {
            store->path = NULL;
            return hone_fail(error, -ENOMEM, "out of memory");
        }
        if (mkdir(store->path, 0700) == 0) {
            store->name = strrchr(store->path, '/') + 1;
            return 0;
        }
        if (errno != EEXIST)
            break;
    }
    return hone_fail(error, -errno, "cannot make the run folder %s: %s", store->path,
                     strerror(errno));
}

static int lock_run_folder(struct hone_store *store, struct hone_error *error) {
    store->folder = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->folder >= 0)
        store->lock = openat(store->folder, HONE_LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    /* A fresh folder: whoever looks in holds the lock for moments only. */
    if (store->lock < 0 || flock(store->lock, LOCK_EX))
        return hone_fail(error, -errno, "cannot lock the run folder %s: %s", store->path,
                         strerror(errno));
    return 0;
}

int hone_store_blobs_open(struct hone_store *store, struct hone_error *error) {
    int failed = hone_store_blobs_create(HONE_RECORD_SOURCE, &store->sources);
    if (!failed)
        failed = hone_store_blobs_create(HONE_RECORD_CONTEXT, &store->contexts);
    if (!failed)
        failed = hone_store_blobs_create(HONE_RECORD_IMAGE, &store->images);
    return failed ? hone_fail(error, failed, "out of memory") : 0;
}

static int start_journal(struct hone_store *store, const struct hone_run_facts *facts,
                         int64_t time_ns, struct hone_error *error) {
    uint64_t id;
    if (getrandom(&id, sizeof id, 0) != sizeof id)
        return hone_fail(error, -errno, "no random numbers: %s", strerror(errno));
    int failed =
        hone_journal_create(store->folder, HONE_JOURNAL_FILE, id, time_ns, &store->journal, error);
    if (failed)
        return failed;
    failed = hone_store_blobs_open(store, error);
    if (failed)
        return failed;
    hone_store_blobs_keep(store->sources, store->journal);
    hone_store_blobs_keep(store->contexts, store->journal);
    hone_store_blobs_keep(store->images, store->journal);
    struct hone_record run = {.kind = HONE_RECORD_RUN,
                              .run = {.id = id,
                                      .time_ns = time_ns,
                                      .schema = HONE_STORE_SCHEMA,
                                      .name = hone_slice(facts->name),
                                      .facts = hone_slice(facts->json)}};
    failed = hone_store_append(store, &run, true);
    if (failed)
        return hone_fail(error, failed, "cannot write the run's facts: %s", strerror(-failed));
    return hone_store_writer_create(store->path, store->folder, store->journal, id, &store->writer,
                                    error);
}

void hone_store_release(struct hone_store *store) {
    hone_store_writer_destroy(store->writer);
    hone_store_blobs_destroy(store->sources);
    hone_store_blobs_destroy(store->contexts);
    hone_store_blobs_destroy(store->images);
    hone_journal_close(store->journal);
    if (store->folder >= 0)
        close(store->folder);
    if (store->lock >= 0)
        close(store->lock);
    free(store->path);
    free(store);
}

int hone_store_create(const char *root, const struct hone_run_facts *facts, bool fsync,
                      struct hone_store **out, struct hone_error *error) {
    struct hone_store *store = calloc(1, sizeof *store);
    char *where = hone_run_root(root);
    int failed = store && where ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    if (!failed) {
        store->folder = store->lock = -1;
        store->fsync = fsync;
        int64_t now = hone_wall_clock_ns();
        failed = make_run_folder(store, where, facts->name, now, error);
        if (!failed)
            failed = lock_run_folder(store, error);
        if (!failed)
            failed = start_journal(store, facts, now, error);
        if (failed)
            hone_store_release(store);
        else
            *out = store;
    } else {
        free(store);
    }
    free(where);
    return failed;
}

void hone_store_destroy(struct hone_store *store) {
    if (!store)
        return;
    struct hone_record record = {.kind = HONE_RECORD_FINISHED,
                                 .moment.time_ns = hone_wall_clock_ns()};
    /* On a full disk the run will count as killed; all its steps are there. */
    (void)hone_store_append(store, &record, true);
    hone_store_release(store);
}
