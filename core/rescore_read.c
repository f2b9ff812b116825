/* A run's steps read back from its store, each with the evidence that its rewards saw. */
#include "core/rescore_private.h"

#include "core/episode.h"
#include "core/error.h"
#include "core/evidence.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The nearest node above that was measured is the parent; its numbers are those of its step. The
 * best is the first fastest that passed in the episode before. */
static const char rows_sql[] =
    "SELECT o.step, o.episode, o.turn, o.cached, o.task, coalesce(o.group_name, ''), o.reward,"
    " o.evidence_step, p.kernel_ns, p.speedup, p.coverage, p.roofline_fraction,"
    " coalesce(o.task_hash, ''), b.kernel_ns, b.speedup"
    " FROM outcomes o LEFT JOIN nodes m ON m.id = o.parent"
    " LEFT JOIN results p ON p.step = m.step"
    " LEFT JOIN results b ON o.cached AND b.step ="
    "  (SELECT r.step FROM steps s JOIN results r ON r.step = s.id WHERE s.episode = o.episode"
    "   AND s.id < o.step AND r.verdict = 'passed' ORDER BY r.speedup DESC, r.step LIMIT 1)"
    " WHERE o.verdict IS NOT NULL ORDER BY o.step";

static int fail(const struct hone_rescore *rescore, struct hone_error *error) {
    return hone_fail(error, -EIO, "cannot read run %s: %s", hone_run_name(rescore->run),
                     sqlite3_errmsg(rescore->database));
}

static double real_of(sqlite3_stmt *row, int column) {
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN
                                                           : sqlite3_column_double(row, column);
}

static int make_room(struct hone_rescore *rescore) {
    if (rescore->count < rescore->capacity)
        return 0;
    uint32_t capacity = rescore->capacity ? 2 * rescore->capacity : 256;
    struct hone_rescored *rows = realloc(rescore->rows, capacity * sizeof *rows);
    if (rows)
        rescore->rows = rows;
    struct origin *origins = rows ? realloc(rescore->origins, capacity * sizeof *origins) : NULL;
    if (!origins)
        return -ENOMEM;
    rescore->origins = origins;
    rescore->capacity = capacity;
    return 0;
}

/* As the episode had it (hone_group_hash()); the lower half of a task's hash is its number. */
static uint64_t group_of(const char *task_hash, const char *group) {
    const char *low = strlen(task_hash) == 32 ? task_hash + 16 : "";
    return group ? hone_group_hash(strtoull(low, NULL, 16), group) : 0;
}

static int add_row(struct hone_rescore *rescore, sqlite3_stmt *row) {
    if (make_room(rescore))
        return -ENOMEM;
    const char *task = (const char *)sqlite3_column_text(row, 4);
    struct hone_rescored *out = &rescore->rows[rescore->count];
    *out = (struct hone_rescored){
        .step = (uint64_t)sqlite3_column_int64(row, 0),
        .episode = (uint64_t)sqlite3_column_int64(row, 1),
        .turn = (uint32_t)sqlite3_column_int64(row, 2),
        .cached = sqlite3_column_int(row, 3),
        .task = strdup(task ? task : ""),
        .group = strdup((const char *)sqlite3_column_text(row, 5)),
        .stored = real_of(row, 6),
        .fresh = NAN,
    };
    rescore->origins[rescore->count++] = (struct origin){
        .evidence_step = (uint64_t)sqlite3_column_int64(row, 7),
        .parent_kernel_ns = real_of(row, 8),
        .parent_speedup = real_of(row, 9),
        .parent_coverage = real_of(row, 10),
        .parent_roofline_fraction = real_of(row, 11),
        .group = group_of((const char *)sqlite3_column_text(row, 12), out->group),
        .best_kernel_ns = real_of(row, 13),
        .best_speedup = real_of(row, 14),
    };
    return out->task && out->group ? 0 : -ENOMEM;
}

static int read_rows(struct hone_rescore *rescore, struct hone_error *error) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(rescore->database, rows_sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(rescore, error);
    int code, failed = 0;
    while (!failed && (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (add_row(rescore, statement))
            failed = hone_fail(error, -ENOMEM, "out of memory");
    if (!failed && code != SQLITE_DONE)
        failed = fail(rescore, error);
    sqlite3_finalize(statement);
    return failed;
}

static int read_parts(struct hone_rescore *rescore, struct hone_error *error) {
    static const char sql[] = "SELECT step, part, value FROM rewards ORDER BY step, part";
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(rescore->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(rescore, error);
    int code;
    uint32_t at = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const uint64_t step = (uint64_t)sqlite3_column_int64(statement, 0);
        const uint64_t part = (uint64_t)sqlite3_column_int64(statement, 1);
        while (at < rescore->count && rescore->rows[at].step < step)
            at++;
        if (at == rescore->count || rescore->rows[at].step != step || part >= HONE_REWARDS_MAX)
            continue;
        rescore->rows[at].stored_parts[part] = real_of(statement, 2);
        rescore->rows[at].stored_count = (uint32_t)part + 1;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : fail(rescore, error);
}

int hone_rescore_read(struct hone_rescore *rescore, struct hone_error *error) {
    int failed = read_rows(rescore, error);
    return failed ? failed : read_parts(rescore, error);
}

/* A cached step repeats what was measured, not where in an episode that was. */
static int place(struct hone_rescore *rescore, uint32_t index, struct hone_evidence *evidence,
                 struct hone_error *error) {
    const struct hone_rescored *row = &rescore->rows[index];
    const struct origin *origin = &rescore->origins[index];
    if (!row->cached)
        return 0;
    int failed = rescore->recall
                     ? 0
                     : hone_recall_open(hone_run_path(rescore->run), &rescore->recall, error);
    if (failed)
        return failed;
    failed = hone_recall_turns(rescore->recall, row->episode, &evidence->turns);
    if (failed)
        return hone_fail(error, failed, "step %llu: its episode cannot be read: %s",
                         (unsigned long long)row->step, strerror(-failed));
    evidence->turn = row->turn;
    evidence->group = origin->group;
    evidence->parent_kernel_ns = origin->parent_kernel_ns;
    evidence->parent_speedup = origin->parent_speedup;
    evidence->parent_coverage = origin->parent_coverage;
    evidence->parent_roofline_fraction = origin->parent_roofline_fraction;
    evidence->best_kernel_ns = origin->best_kernel_ns;
    evidence->best_speedup = origin->best_speedup;
    evidence->valid &= ~(uint32_t)(HONE_HAS_PARENT | HONE_HAS_BEST);
    if (!isnan(origin->parent_kernel_ns))
        evidence->valid |= HONE_HAS_PARENT;
    if (!isnan(origin->best_kernel_ns))
        evidence->valid |= HONE_HAS_BEST;
    return 0;
}

int hone_rescore_evidence(struct hone_rescore *rescore, uint32_t index,
                          struct hone_evidence **evidence, struct hone_error *error) {
    static const char sql[] = "SELECT evidence FROM results WHERE step = ?1";
    sqlite3_stmt *statement;
    struct hone_error why = {""};
    *evidence = NULL;
    if (sqlite3_prepare_v2(rescore->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return fail(rescore, error);
    sqlite3_bind_int64(statement, 1, (int64_t)rescore->origins[index].evidence_step);
    int failed = 0;
    const void *bytes = NULL;
    if (sqlite3_step(statement) == SQLITE_ROW)
        bytes = sqlite3_column_blob(statement, 0);
    if (bytes)
        failed =
            hone_evidence_read(bytes, (uint64_t)sqlite3_column_bytes(statement, 0), evidence, &why);
    if (failed)
        hone_fail(error, failed, "step %llu: %s", (unsigned long long)rescore->rows[index].step,
                  why.text);
    sqlite3_finalize(statement);
    if (!failed && *evidence) {
        hone_evidence_unscore(*evidence);
        failed = place(rescore, index, *evidence, error);
    }
    if (failed) {
        free(*evidence);
        *evidence = NULL;
    }
    return failed;
}
