#include "core/rescore.h"

#include "core/error.h"
#include "core/episode.h"
#include "core/evidence.h"
#include "core/recall.h"
#include "core/rescore_audit.h"
#include "core/rewards.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Where a row's evidence lies, and its place in its episode. */
struct origin {
    uint64_t evidence_step, group;
    double parent_kernel_ns, parent_speedup, parent_coverage, parent_roofline_fraction;
    double best_kernel_ns, best_speedup;
};

struct hone_rescore {
    sqlite3 *database;
    struct hone_run *run;
    struct hone_watch *watch;
    uint32_t limit_ms;          /* of one call of a plugin */
    struct hone_recall *recall; /* of the run, once a repeated step needs it */
    struct hone_rewards rewards;
    struct hone_audit *audit;
    struct hone_rescored *rows;
    struct origin *origins;
    uint32_t count, capacity;
};

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
    hone_recall_turns(rescore->recall, row->episode, &evidence->turns);
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

/* NULL with 0: the step never got so far as to have any. */
static int read_evidence(struct hone_rescore *rescore, uint32_t index,
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

/* The order of the sum is that of hone_rewards_score(): bits depend on it. */
static void add_up(const struct hone_rewards *rewards, struct hone_rescored *row) {
    row->fresh = 0;
    for (uint32_t i = 0; i < rewards->count; i++)
        row->fresh += rewards->names[i].weight * row->parts[i];
}

static int score_one(struct hone_rescore *rescore, struct hone_rescored *row,
                     const struct hone_evidence *evidence, struct hone_error *error) {
    for (uint32_t i = 0; i < rescore->rewards.count; i++) {
        const struct hone_instance *instance = &rescore->rewards.instances[i];
        const struct hone_reward_ops *ops = instance->loaded.plugin->reward;
        if (!HONE_HAS(ops, score))
            continue;
        hone_watch_begin(rescore->watch, rescore->limit_ms, "step %llu: reward %s",
                         (unsigned long long)row->step, rescore->rewards.names[i].name);
        int code = ops->score(instance->self, evidence, &row->parts[i]);
        hone_watch_end(rescore->watch);
        if (code || !isfinite(row->parts[i]))
            return hone_fail(error, -EREMOTEIO, "step %llu: reward %s: %s",
                             (unsigned long long)row->step, rescore->rewards.names[i].name,
                             code ? strerror(abs(code)) : "the score is not a finite number");
    }
    return 0;
}

/* As in a scorer, evidence is there to be read: what one reward writes must not reach the next. */
static int score_sealed(struct hone_rescore *rescore, struct hone_rescored *row,
                        const struct hone_evidence *evidence, struct hone_error *error) {
    void *sealed =
        mmap(NULL, evidence->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (sealed == MAP_FAILED)
        return hone_fail(error, -ENOMEM, "out of memory");
    memcpy(sealed, evidence, evidence->bytes);
    mprotect(sealed, evidence->bytes, PROT_READ);
    int failed = score_one(rescore, row, sealed, error);
    munmap(sealed, evidence->bytes);
    return failed;
}

static int rescore_one(struct hone_rescore *rescore, uint32_t index, struct hone_error *error) {
    struct hone_rescored *row = &rescore->rows[index];
    struct hone_evidence *evidence;
    for (uint32_t i = 0; i < rescore->rewards.count; i++)
        row->parts[i] = NAN;
    int failed = read_evidence(rescore, index, &evidence, error);
    if (failed || !evidence)
        return failed;
    row->verdict = row->stored_verdict = evidence->verdict;
    if (rescore->audit)
        failed = hone_audit_look(rescore->audit, rescore->run, row,
                                 rescore->origins[index].evidence_step, evidence, error);
    if (!failed && row->verdict != HONE_INFRA_FAILED)
        failed = score_sealed(rescore, row, evidence, error);
    free(evidence);
    return failed;
}

static int call_group(struct hone_rescore *rescore, uint32_t part, struct hone_evidence **group,
                      uint32_t count, double *values, struct hone_error *error) {
    const struct hone_instance *instance = &rescore->rewards.instances[part];
    const char *name = rescore->rewards.names[part].name;
    for (uint32_t i = 0; i < count; i++)
        values[i] = NAN; /* what it leaves out is no reward of 0 */
    hone_watch_begin(rescore->watch, rescore->limit_ms + count, "reward %s, a group of %u", name,
                     count);
    int code = instance->loaded.plugin->reward->score_group(
        instance->self, (const struct hone_evidence *const *)group, count, values);
    hone_watch_end(rescore->watch);
    int failed =
        code ? hone_fail(error, -EREMOTEIO, "reward %s, a group: %s", name, strerror(abs(code)))
             : 0;
    for (uint32_t i = 0; i < count && !failed; i++)
        if (!isfinite(values[i]))
            failed = hone_fail(error, -EREMOTEIO,
                               "reward %s, a group: score %u of %u is not a finite number", name,
                               i + 1, count);
    return failed;
}

/* The rollouts of one task and group: all rows from `first` on that are like it. */
static int score_group(struct hone_rescore *rescore, uint32_t part, uint32_t first, bool *done,
                       struct hone_error *error) {
    const uint32_t most = rescore->count - first;
    struct hone_evidence **group = calloc(most, sizeof *group);
    uint32_t *members = calloc(most, sizeof *members), count = 0;
    double *ranks = calloc(most, sizeof *ranks);
    int failed = group && members && ranks ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    const struct hone_rescored *like = &rescore->rows[first];
    for (uint32_t i = first; !failed && i < rescore->count; i++) {
        struct hone_rescored *row = &rescore->rows[i];
        if (done[i] || strcmp(row->task, like->task) || strcmp(row->group, like->group))
            continue;
        done[i] = true;
        if (row->verdict == HONE_INFRA_FAILED || row->verdict == HONE_UNDECIDED)
            continue;
        failed = read_evidence(rescore, i, &group[count], error);
        if (failed)
            break;
        group[count]->verdict = row->verdict;
        members[count++] = i;
    }
    if (!failed && count > 0)
        failed = call_group(rescore, part, group, count, ranks, error);
    for (uint32_t i = 0; i < count; i++) {
        rescore->rows[members[i]].parts[part] = ranks[i];
        free(group[i]);
    }
    free(group);
    free(members);
    free(ranks);
    return failed;
}

static int score_groups(struct hone_rescore *rescore, struct hone_error *error) {
    bool *done = calloc(rescore->count + 1, sizeof *done);
    int failed = done ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    for (uint32_t part = 0; !failed && part < rescore->rewards.count; part++) {
        if (HONE_HAS(rescore->rewards.instances[part].loaded.plugin->reward, score))
            continue;
        memset(done, 0, rescore->count * sizeof *done);
        for (uint32_t i = 0; !failed && i < rescore->count; i++)
            if (!done[i])
                failed = score_group(rescore, part, i, done, error);
    }
    free(done);
    return failed;
}

static int rescore_all(struct hone_rescore *rescore, struct hone_error *error) {
    int failed = 0;
    for (uint32_t i = 0; !failed && i < rescore->count; i++)
        failed = rescore_one(rescore, i, error);
    if (!failed)
        failed = score_groups(rescore, error);
    for (uint32_t i = 0; !failed && i < rescore->count; i++)
        if (rescore->rows[i].verdict != HONE_INFRA_FAILED &&
            rescore->rows[i].verdict != HONE_UNDECIDED)
            add_up(&rescore->rewards, &rescore->rows[i]);
    return failed;
}

static void doing(void *context, const char *reward) {
    struct hone_rescore *rescore = context;
    hone_watch_begin(rescore->watch, HONE_WATCH_LOAD_MS, "reward %s: create", reward);
}

static int open_rewards(struct hone_rescore *rescore, const struct hone_settings *settings,
                        struct hone_error *error) {
    int failed = hone_rewards_open_here(settings, doing, rescore, &rescore->rewards, error);
    hone_watch_end(rescore->watch);
    return failed;
}

int hone_rescore_open(struct hone_run *run, const struct hone_settings *settings, bool audit,
                      struct hone_watch *watch, struct hone_rescore **out,
                      struct hone_error *error) {
    struct hone_rescore *rescore = calloc(1, sizeof *rescore);
    if (!rescore)
        return hone_fail(error, -ENOMEM, "out of memory");
    rescore->run = run;
    rescore->database = hone_run_database(run);
    rescore->watch = watch;
    rescore->limit_ms = (uint32_t)hone_settings_integer(settings, "scorer", "deadline_ms");
    int failed = open_rewards(rescore, settings, error);
    if (!failed && audit)
        failed = hone_audit_open(settings, watch, &rescore->audit, error);
    if (!failed)
        failed = read_rows(rescore, error);
    if (!failed)
        failed = read_parts(rescore, error);
    if (!failed)
        failed = rescore_all(rescore, error);
    if (failed)
        hone_rescore_close(rescore);
    else
        *out = rescore;
    return failed;
}

void hone_rescore_close(struct hone_rescore *rescore) {
    if (!rescore)
        return;
    for (uint32_t i = 0; i < rescore->count; i++) {
        free((char *)rescore->rows[i].task);
        free((char *)rescore->rows[i].group);
        free((char *)rescore->rows[i].finding);
    }
    hone_recall_close(rescore->recall);
    hone_audit_close(rescore->audit);
    hone_rewards_close(&rescore->rewards);
    free(rescore->rows);
    free(rescore->origins);
    free(rescore);
}

const struct hone_rescored *hone_rescore_rows(const struct hone_rescore *rescore, uint32_t *count) {
    *count = rescore->count;
    return rescore->rows;
}

const struct hone_reward_name *hone_rescore_parts(const struct hone_rescore *rescore,
                                                  uint32_t *count) {
    *count = rescore->rewards.count;
    return rescore->rewards.names;
}

static bool same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

bool hone_rescored_same(const struct hone_rescored *row, uint32_t part_count) {
    bool same = same_bits(row->stored, row->fresh) && row->stored_count == part_count;
    for (uint32_t i = 0; same && i < part_count; i++)
        same = same_bits(row->stored_parts[i], row->parts[i]);
    return same;
}
