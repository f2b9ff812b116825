#include "core/store_sql.h"

#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A batch holds the write lock, and its pages are in memory. */
#define BATCH_RECORDS 4096
#define BATCH_BYTES (UINT64_C(8) << 20)
#define BUSY_MS 5000
#define RETRY_MS 5

struct hone_database {
    sqlite3 *handle;
    sqlite3_stmt *applied, *advance;
    struct hone_rows *rows;
};

static int errno_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return -EROFS;
    default:
        return -EIO;
    }
}

static int fail(struct hone_database *database, int code, const char *what,
                struct hone_error *error) {
    int failed = errno_of(code);
    return hone_fail(error, failed ? failed : -EIO, "cannot %s the run's database: %s", what,
                     database->handle ? sqlite3_errmsg(database->handle) : sqlite3_errstr(code));
}

static int execute(struct hone_database *database, const char *sql) {
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

/* The first column of the first row. */
static int query_integer(struct hone_database *database, const char *sql, int64_t *value) {
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_CORRUPT : code;
}

static int make_tables(struct hone_database *database, uint64_t run_id) {
    char sql[256];
    snprintf(sql, sizeof sql,
             "INSERT INTO run(one, id, applied) VALUES(1, '%016" PRIx64 "', %u);"
             "PRAGMA user_version = %u",
             run_id, HONE_JOURNAL_START, HONE_STORE_SCHEMA);
    int code = execute(database, hone_store_schema);
    return code == SQLITE_OK ? execute(database, sql) : code;
}

/* Two processes may come here at once: whether there are tables is asked under the write lock. */
static int settle_schema(struct hone_database *database, uint64_t run_id,
                         struct hone_error *error) {
    int64_t version = 0;
    int code = query_integer(database, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && version == 0) {
        code = execute(database, "BEGIN IMMEDIATE");
        if (code == SQLITE_OK)
            code = query_integer(database, "PRAGMA user_version", &version);
        if (code == SQLITE_OK && version == 0)
            code = make_tables(database, run_id);
        if (code == SQLITE_OK)
            code = execute(database, "COMMIT");
        if (code != SQLITE_OK) {
            int failed = fail(database, code, "lay out", error);
            execute(database, "ROLLBACK");
            return failed;
        }
        version = version ? version : HONE_STORE_SCHEMA;
    }
    if (code != SQLITE_OK)
        return fail(database, code, "read", error);
    if (version != HONE_STORE_SCHEMA)
        return hone_fail(error, -EPROTONOSUPPORT,
                         "the run's database has schema %" PRId64
                         " and this program reads schema %u; use the hone that wrote it",
                         version, HONE_STORE_SCHEMA);
    return 0;
}

static int prepare(struct hone_database *database, uint64_t run_id, struct hone_error *error) {
    int code = sqlite3_prepare_v3(database->handle, "SELECT applied, id FROM run", -1,
                                  SQLITE_PREPARE_PERSISTENT, &database->applied, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v3(
            database->handle, "UPDATE run SET applied = ?1, unread_records = unread_records + ?2",
            -1, SQLITE_PREPARE_PERSISTENT, &database->advance, NULL);
    if (code == SQLITE_OK)
        code = hone_rows_create(database->handle, &database->rows);
    if (code != SQLITE_OK) /* the version is right and a table is not */
        return hone_fail(error, code == SQLITE_ERROR ? -EBADMSG : errno_of(code),
                         "cannot use the run's database: %s", sqlite3_errmsg(database->handle));
    char id[17];
    snprintf(id, sizeof id, "%016" PRIx64, run_id);
    code = sqlite3_step(database->applied);
    const char *found =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(database->applied, 1) : NULL;
    bool ours = found && !strcmp(found, id);
    sqlite3_reset(database->applied);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return fail(database, code, "read", error);
    if (!ours)
        return hone_fail(error, -EBADMSG, "the database was not made from this journal");
    code = hone_rows_name_parts(database->rows);
    return code == SQLITE_OK ? 0 : fail(database, code, "read", error);
}

static int open_once(const char *path, uint64_t run_id, struct hone_database **out,
                     struct hone_error *error) {
    struct hone_database *database = calloc(1, sizeof *database);
    if (!database)
        return hone_fail(error, -ENOMEM, "out of memory");
    int failed = 0;
    int code =
        sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(database->handle, BUSY_MS);
        code = execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                 "PRAGMA trusted_schema = OFF");
    }
    if (code != SQLITE_OK)
        failed = fail(database, code, "open", error);
    if (!failed)
        failed = settle_schema(database, run_id, error);
    if (!failed)
        failed = prepare(database, run_id, error);
    if (failed)
        hone_database_close(database);
    else
        *out = database;
    return failed;
}

/* Two that turn a fresh file into a WAL database at once would wait for each other; SQLite then
 * says busy without waiting, and one of them has to begin anew. */
int hone_database_open(const char *folder, uint64_t run_id, struct hone_database **database,
                       struct hone_error *error) {
    char *path;
    if (asprintf(&path, "%s/" HONE_DATABASE_FILE, folder) < 0)
        return hone_fail(error, -ENOMEM, "out of memory");
    /* SQLite gives its other files the mode of this one. */
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        close(descriptor);
    int failed = open_once(path, run_id, database, error);
    for (int waited_ms = 0; failed == -EBUSY && waited_ms < BUSY_MS; waited_ms += RETRY_MS) {
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000}, NULL);
        failed = open_once(path, run_id, database, error);
    }
    free(path);
    return failed;
}

void hone_database_close(struct hone_database *database) {
    if (!database)
        return;
    hone_rows_destroy(database->rows);
    sqlite3_finalize(database->applied);
    sqlite3_finalize(database->advance);
    sqlite3_close(database->handle);
    free(database);
}

struct sqlite3 *hone_database_handle(struct hone_database *database) {
    return database->handle;
}

int hone_database_applied(struct hone_database *database, uint64_t *offset,
                          struct hone_error *error) {
    int code = sqlite3_step(database->applied);
    if (code == SQLITE_ROW)
        *offset = (uint64_t)sqlite3_column_int64(database->applied, 0);
    sqlite3_reset(database->applied);
    return code == SQLITE_ROW ? 0 : fail(database, code, "read", error);
}

/* Records from *offset on; *offset follows. A record that is whole but makes no sense (another
 * version's, or a fault of ours) is counted and left out: nothing behind it may be lost for it. */
static int apply_records(struct hone_database *database, struct hone_journal_reader *reader,
                         uint64_t end, uint64_t *offset, int64_t *unread, bool *more,
                         struct hone_error *error) {
    uint64_t bytes = 0;
    *more = false;
    for (int records = 0; *offset < end; records++) {
        struct hone_journal_entry entry;
        if (records == BATCH_RECORDS || bytes > BATCH_BYTES) {
            *more = true;
            break;
        }
        int found = hone_journal_read(reader, *offset, &entry);
        if (found < 0)
            return hone_fail(error, found, "cannot read the journal: %s", strerror(-found));
        if (found == 0)
            break;
        struct hone_record record;
        int code = SQLITE_OK;
        if (hone_record_decode(entry.kind, entry.payload, entry.bytes, &record))
            (*unread)++;
        else
            code = hone_rows_apply(database->rows, &record);
        if (code == SQLITE_MISMATCH || (code & 0xFF) == SQLITE_CONSTRAINT)
            (*unread)++;
        else if (code != SQLITE_OK)
            return fail(database, code, "write", error);
        bytes += entry.bytes;
        *offset = entry.next;
    }
    return 0;
}

static int advance(struct hone_database *database, uint64_t offset, int64_t unread) {
    sqlite3_bind_int64(database->advance, 1, (int64_t)offset);
    sqlite3_bind_int64(database->advance, 2, unread);
    int code = sqlite3_step(database->advance);
    sqlite3_reset(database->advance);
    return code == SQLITE_DONE ? execute(database, "COMMIT") : code;
}

int hone_database_apply(struct hone_database *database, struct hone_journal_reader *reader,
                        uint64_t end, struct hone_error *error) {
    int code = execute(database, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK)
        return fail(database, code, "write", error);
    uint64_t offset = 0;
    int64_t unread = 0;
    bool more = false;
    int failed = hone_database_applied(database, &offset, error);
    uint64_t before = offset;
    if (!failed)
        failed = apply_records(database, reader, end, &offset, &unread, &more, error);
    if (!failed && offset != before) {
        code = advance(database, offset, unread);
        if (code != SQLITE_OK)
            failed = fail(database, code, "write", error);
    }
    if (failed || offset == before)
        execute(database, "ROLLBACK");
    return failed ? failed : more;
}

int hone_database_dropped(struct hone_database *database, uint64_t bytes, bool *news,
                          struct hone_error *error) {
    char sql[128];
    snprintf(sql, sizeof sql,
             "UPDATE run SET dropped_bytes = %" PRIu64 " WHERE dropped_bytes <> %" PRIu64, bytes,
             bytes);
    int code = execute(database, sql);
    if (code != SQLITE_OK)
        return fail(database, code, "write", error);
    *news = sqlite3_changes(database->handle) > 0 && bytes > 0;
    return 0;
}

static int refuse_damage(void *damaged, int columns, char **values, char **names) {
    (void)names;
    if (columns < 1 || !values[0] || strcmp(values[0], "ok"))
        *(bool *)damaged = true;
    return 0;
}

int hone_database_check(struct hone_database *database, struct hone_error *error) {
    bool damaged = false;
    int code =
        sqlite3_exec(database->handle, "PRAGMA quick_check(1)", refuse_damage, &damaged, NULL);
    if (code != SQLITE_OK)
        return fail(database, code, "check", error);
    return damaged ? hone_fail(error, -EBADMSG, "the run's database is damaged") : 0;
}
