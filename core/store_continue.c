/* store_continue.c - a server that comes back goes on with the run its predecessor left. */
#include "core/store_private.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/folders.h"
#include "core/store_replay.h"
#include "core/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define READERS_NS 1000000000 /* how long who reads a run may hold its lock */
#define LOOK_NS 5000000

static bool is_text(struct hone_slice slice, const char *text) {
    return slice.size == strlen(text) && !memcmp(slice.bytes, text, slice.size);
}

static int open_folder(const char *path, int *folder, int *lock) {
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return -errno;
    if (!hone_is_ours_alone(*folder))
        return -EPERM;
    *lock = openat(*folder, HONE_LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *lock < 0 ? -errno : 0;
}

static int take_lock(int lock) {
    for (uint64_t until = hone_now_ns() + READERS_NS; flock(lock, LOCK_EX | LOCK_NB);) {
        if (errno != EWOULDBLOCK || hone_now_ns() > until)
            return -EBUSY;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    return 0;
}

/* What the journal says about itself. */
struct past {
    struct hone_store *store;
    const struct hone_run_facts *facts;
    struct hone_error *error;
    bool begun;
};

static int check_run(struct past *past, const struct hone_record_run *run) {
    past->begun = true;
    if (run->schema != HONE_STORE_SCHEMA)
        return hone_fail(past->error, -ESTALE, "run %s has schema %u, this program writes %u",
                         past->store->name, run->schema, HONE_STORE_SCHEMA);
    if (!is_text(run->facts, past->facts->json ? past->facts->json : ""))
        return hone_fail(past->error, -ESTALE,
                         "run %s was made by another version, on another device or with other "
                         "plugins or settings of plugins",
                         past->store->name);
    return 0;
}

static int learn(void *context, uint64_t offset, const struct hone_record *record) {
    struct past *past = context;
    switch (record->kind) {
    case HONE_RECORD_RUN:
        return check_run(past, &record->run);
    case HONE_RECORD_SOURCE:
        return hone_store_blobs_know(past->store->sources, record, offset);
    case HONE_RECORD_CONTEXT:
        return hone_store_blobs_know(past->store->contexts, record, offset);
    case HONE_RECORD_IMAGE:
        return hone_store_blobs_know(past->store->images, record, offset);
    default:
        return 0;
    }
}

static int go_on(struct hone_store *store, const struct hone_run_facts *facts,
                 struct hone_error *error) {
    struct hone_journal_reader *reader = NULL;
    struct past past = {store, facts, error, false};
    uint64_t end, id = 0;
    int failed = hone_journal_reader_open(store->folder, HONE_JOURNAL_FILE, &reader, error);
    if (!failed && !hone_journal_reader_is_ours(reader))
        failed = hone_fail(error, -EPERM, "others may write to the journal of run %s", store->name);
    if (!failed)
        failed = hone_store_blobs_open(store, error);
    if (!failed) {
        id = hone_journal_reader_id(reader);
        failed = hone_records_replay(reader, learn, &past, &end, error);
    }
    if (!failed && !past.begun)
        failed = hone_fail(error, -ESTALE, "run %s ended before its first record", store->name);
    if (!failed)
        failed = hone_journal_continue(store->folder, HONE_JOURNAL_FILE, id, end, &store->journal,
                                       error);
    hone_journal_reader_close(reader);
    if (failed)
        return failed;
    hone_store_blobs_keep(store->sources, store->journal);
    hone_store_blobs_keep(store->contexts, store->journal);
    hone_store_blobs_keep(store->images, store->journal);
    struct hone_record record = {.kind = HONE_RECORD_CONTINUED,
                                 .moment.time_ns = hone_wall_clock_ns()};
    failed = hone_store_append(store, &record, true);
    if (failed)
        return hone_fail(error, failed, "cannot write to run %s: %s", store->name,
                         strerror(-failed));
    return hone_store_writer_create(store->path, store->folder, store->journal, id, &store->writer,
                                    error);
}

int hone_store_continue(const char *path, const struct hone_run_facts *facts, bool fsync,
                        struct hone_store **out, struct hone_error *error) {
    struct hone_store *store = calloc(1, sizeof *store);
    if (!store)
        return hone_fail(error, -ENOMEM, "out of memory");
    store->folder = store->lock = -1;
    store->fsync = fsync;
    store->path = strdup(path);
    const char *slash = store->path ? strrchr(store->path, '/') : NULL;
    store->name = slash && slash[1] ? slash + 1 : store->path;
    int failed = store->path ? open_folder(path, &store->folder, &store->lock) : -ENOMEM;
    if (failed)
        hone_fail(error, failed, "cannot open run %s: %s", path,
                  failed == -EPERM ? "others may write to its folder" : strerror(-failed));
    if (!failed && take_lock(store->lock))
        failed = hone_fail(error, -EBUSY, "run %s is being written by another server", path);
    if (!failed)
        failed = go_on(store, facts, error);
    if (failed)
        hone_store_release(store);
    else
        *out = store;
    return failed;
}

struct look {
    const char *name;
    bool same, finished;
};

static int look_at(void *context, uint64_t offset, const struct hone_record *record) {
    struct look *look = context;
    (void)offset;
    if (record->kind == HONE_RECORD_RUN)
        look->same = is_text(record->run.name, look->name);
    look->finished = record->kind == HONE_RECORD_FINISHED;
    return look->same ? 0 : -ECANCELED; /* the first record is the run's */
}

static bool read_run(const char *path, struct look *look) {
    struct hone_journal_reader *reader = NULL;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && hone_is_ours_alone(folder) &&
                !hone_journal_reader_open(folder, HONE_JOURNAL_FILE, &reader, NULL);
    if (good)
        good = hone_journal_reader_is_ours(reader) &&
               !hone_records_replay(reader, look_at, look, NULL, NULL);
    hone_journal_reader_close(reader);
    if (folder >= 0)
        close(folder);
    return good;
}

static bool is_locked(const char *path) {
    int folder = -1, lock = -1;
    bool locked = open_folder(path, &folder, &lock) || take_lock(lock);
    if (lock >= 0)
        close(lock);
    if (folder >= 0)
        close(folder);
    return locked;
}

int hone_store_find_killed(const char *root, const char *name, char **out,
                           struct hone_error *error) {
    struct hone_run_entry *entries;
    uint32_t count;
    int failed = hone_run_list(root, &entries, &count, error);
    if (failed)
        return failed;
    char *where = hone_run_root(root), *path = NULL;
    struct look look = {.name = name};
    failed = where ? -ENOENT : -ENOMEM;
    for (uint32_t i = 0; where && i < count && !look.same; i++) {
        free(path);
        look = (struct look){.name = name};
        if (asprintf(&path, "%s/%s", where, entries[i].name) < 0) {
            path = NULL;
            break;
        }
        if (read_run(path, &look) && !look.finished && !is_locked(path))
            failed = 0;
    }
    free(where);
    free(entries);
    if (failed)
        free(path);
    else
        *out = path;
    return failed == -ENOMEM ? hone_fail(error, failed, "out of memory") : failed;
}
