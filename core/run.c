#include "core/error.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/store.h"
#include "core/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_NS 1000000000 /* for a live run's own writer */
#define LOOK_NS 2000000
#define CHECK_BYTES (4 << 20) /* databases up to this size are checked inside at every opening */

struct hone_run {
    char *path;
    const char *name;
    int folder, lock;
    bool owned; /* we hold the lock */
    enum hone_run_state state;
    struct hone_journal_reader *reader;
    struct hone_database *database;
};

/* Nobody else writes: everything whole is applied, and what is behind it was lost with its writer.
 */
static int apply_all(struct hone_run *run, struct hone_error *error) {
    uint64_t applied, dropped;
    bool news = false;
    int more;
    do
        more = hone_database_apply(run->database, run->reader, UINT64_MAX, error);
    while (more == 1);
    if (more < 0)
        return more;
    int failed = hone_database_applied(run->database, &applied, error);
    if (!failed && hone_journal_tail(run->reader, applied, &dropped))
        failed = hone_fail(error, -EIO, "cannot read the journal of run %s", run->name);
    if (!failed)
        failed = hone_database_dropped(run->database, dropped, &news, error);
    if (news)
        hone_log(
            HONE_LOG_WARN,
            "run %s: the last %llu bytes of its journal belong to no whole record and were dropped",
            run->name, (unsigned long long)dropped);
    return failed;
}

/* Where the journal ends now. */
static int find_end(struct hone_run *run, uint64_t from, uint64_t *end, struct hone_error *error) {
    struct hone_journal_entry entry;
    int found;
    *end = from;
    while ((found = hone_journal_read(run->reader, *end, &entry)) == 1)
        *end = entry.next;
    return found < 0 ? hone_fail(error, found, "cannot read the journal of run %s: %s", run->name,
                                 strerror(-found))
                     : 0;
}

/* The owner's writer applies; nothing tells another process when, so look again until it did. */
static int wait_for_writer(struct hone_run *run, struct hone_error *error) {
    uint64_t applied, end;
    int failed = hone_database_applied(run->database, &applied, error);
    if (!failed)
        failed = find_end(run, applied, &end, error);
    int64_t until = (int64_t)hone_now_ns() + WAIT_NS;
    while (!failed && applied < end && (int64_t)hone_now_ns() < until) {
        if (flock(run->lock, LOCK_EX | LOCK_NB) == 0) { /* the owner is gone */
            run->owned = true;
            return apply_all(run, error);
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        failed = hone_database_applied(run->database, &applied, error);
    }
    if (!failed && applied < end)
        hone_log(HONE_LOG_WARN,
                 "run %s is live and its database is behind: the newest steps are missing",
                 run->name);
    return failed;
}

static int open_database(struct hone_run *run, struct hone_error *error) {
    struct stat status;
    int failed =
        hone_database_open(run->path, hone_journal_reader_id(run->reader), &run->database, error);
    if (!failed && run->owned && fstatat(run->folder, HONE_DATABASE_FILE, &status, 0) == 0 &&
        status.st_size <= CHECK_BYTES)
        failed = hone_database_check(run->database, error);
    if (!failed)
        failed = run->owned ? apply_all(run, error) : wait_for_writer(run, error);
    return failed;
}

/* A damaged database costs nothing: the journal has it all. */
static int make_anew(struct hone_run *run, struct hone_error *error) {
    static const char *const files[] = {HONE_DATABASE_FILE, HONE_DATABASE_FILE "-wal",
                                        HONE_DATABASE_FILE "-shm"};
    hone_log(HONE_LOG_WARN, "run %s: %s; made anew from its journal", run->name, error->text);
    hone_database_close(run->database);
    run->database = NULL;
    for (int i = 0; i < 3; i++)
        if (unlinkat(run->folder, files[i], 0) && errno != ENOENT)
            return hone_fail(error, -errno, "cannot remove the damaged %s of run %s: %s", files[i],
                             run->name, strerror(errno));
    return open_database(run, error);
}

static int is_finished(struct hone_run *run, bool *finished, struct hone_error *error) {
    sqlite3 *handle = hone_run_database(run);
    sqlite3_stmt *statement;
    int code =
        sqlite3_prepare_v2(handle, "SELECT finished_ns IS NOT NULL FROM run", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *finished = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW)
        return hone_fail(error, -EIO, "cannot read run %s: %s", run->name, sqlite3_errmsg(handle));
    sqlite3_exec(handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return 0;
}

static int catch_up(struct hone_run *run, struct hone_error *error) {
    struct hone_error why = {""};
    bool finished = false;
    run->owned = flock(run->lock, LOCK_EX | LOCK_NB) == 0;
    int failed = open_database(run, &why);
    if (failed == -EBADMSG && run->owned)
        failed = make_anew(run, &why);
    if (!failed)
        failed = is_finished(run, &finished, &why);
    run->state = finished ? HONE_RUN_FINISHED : run->owned ? HONE_RUN_KILLED : HONE_RUN_LIVE;
    if (run->owned)
        flock(run->lock, LOCK_UN);
    run->owned = false;
    return failed ? hone_fail(error, failed, "run %s: %s", run->name, why.text) : 0;
}

static int open_folder(struct hone_run *run, struct hone_error *error) {
    run->folder = open(run->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->folder < 0)
        return hone_fail(error, -errno, "cannot open run %s: %s", run->path, strerror(errno));
    struct hone_error why;
    int failed = hone_journal_reader_open(run->folder, HONE_JOURNAL_FILE, &run->reader, &why);
    if (failed)
        return hone_fail(error, failed, "%s is no run: %s", run->path, why.text);
    run->lock = openat(run->folder, HONE_LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (run->lock < 0)
        return hone_fail(error, -errno, "cannot open the lock of run %s: %s", run->path,
                         strerror(errno));
    return 0;
}

int hone_run_open(const char *root, const char *name, struct hone_run **out,
                  struct hone_error *error) {
    struct hone_run *run = calloc(1, sizeof *run);
    if (!run)
        return hone_fail(error, -ENOMEM, "out of memory");
    run->folder = run->lock = -1;
    int failed = hone_run_find(root, name, &run->path, error);
    if (!failed) {
        const char *slash = strrchr(run->path, '/');
        run->name = slash && slash[1] ? slash + 1 : run->path;
        failed = open_folder(run, error);
    }
    if (!failed)
        failed = catch_up(run, error);
    if (failed) {
        hone_run_close(run);
        return failed;
    }
    *out = run;
    return 0;
}

void hone_run_close(struct hone_run *run) {
    if (!run)
        return;
    hone_database_close(run->database);
    hone_journal_reader_close(run->reader);
    if (run->lock >= 0)
        close(run->lock);
    if (run->folder >= 0)
        close(run->folder);
    free(run->path);
    free(run);
}

int hone_run_find_step(struct hone_run *run, uint64_t token, uint64_t episode, uint32_t turn,
                       uint64_t *step) {
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(hone_run_database(run),
                                  "SELECT id FROM steps WHERE episode = ?1 AND turn = ?2 AND"
                                  " token = printf('%016x', ?3) ORDER BY id DESC LIMIT 1",
                                  -1, &statement, NULL);
    if (code != SQLITE_OK)
        return -EIO;
    sqlite3_bind_int64(statement, 1, (int64_t)episode);
    sqlite3_bind_int64(statement, 2, turn);
    sqlite3_bind_int64(statement, 3, (int64_t)token);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *step = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? -ENOENT : -EIO;
}

struct sqlite3 *hone_run_database(struct hone_run *run) {
    return hone_database_handle(run->database);
}

const char *hone_run_path(const struct hone_run *run) {
    return run->path;
}

const char *hone_run_name(const struct hone_run *run) {
    return run->name;
}

enum hone_run_state hone_run_state(const struct hone_run *run) {
    return run->state;
}
