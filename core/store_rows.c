#include "core/evidence.h"
#include "core/store_sql.h"

#include "core/text.h"
#include "core/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum statement {
    SET_RUN,
    SET_FINISHED,
    ADD_SOURCE,
    ADD_CONTEXT,
    BEGIN_EPISODE,
    END_EPISODE,
    ADD_STEP,
    ADD_NODE,
    ADD_RESULT,
    REPEAT_RESULT,
    ADD_MEASUREMENT,
    ADD_FINDING,
    ADD_REWARD,
    STATEMENT_COUNT,
};

/* A row that is there stays: the first record about a thing is the one that was shown. */
static const char *const sql[STATEMENT_COUNT] = {
    [SET_RUN] = "UPDATE run SET name = ?1, created_ns = ?2, facts = ?3",
    [SET_FINISHED] = "UPDATE run SET finished_ns = ?1",
    [ADD_SOURCE] = "INSERT OR IGNORE INTO sources VALUES(?1, ?2, ?3, ?4)",
    [ADD_CONTEXT] = "INSERT OR IGNORE INTO contexts VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [BEGIN_EPISODE] = "INSERT OR IGNORE INTO episodes(id, task, group_name, seed, begun_ns)"
                      " VALUES(?1, ?2, ?3, ?4, ?5)",
    [END_EPISODE] =
        "INSERT INTO episodes(id, task, group_name, seed, ended_ns, terminated, truncated, why)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(id) DO UPDATE SET"
        " ended_ns = ?5, terminated = ?6, truncated = ?7, why = ?8 WHERE ended_ns IS NULL",
    [ADD_STEP] =
        "INSERT OR IGNORE INTO steps SELECT ?1, ?2, ?3, nullif(?4, 0), ?5, c.task, c.task_hash,"
        " c.language, c.options, c.group_name, ?6, ?7, ?8, ?9, ?10"
        " FROM (SELECT 1) LEFT JOIN contexts c ON c.id = ?11",
    [ADD_NODE] = "INSERT OR IGNORE INTO nodes VALUES(?1, nullif(?2, 0), ?3, ?4, ?5)",
    [ADD_RESULT] =
        "INSERT OR IGNORE INTO results VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
    /* A repeat of a repeat leads to the step that has the evidence. */
    [REPEAT_RESULT] =
        "INSERT OR IGNORE INTO results SELECT ?1, coalesce(r.verdict, 'undecided'),"
        " coalesce(r.reason, 'none'), 1, coalesce(r.repeats, ?2), ?3, r.speedup, r.speedup_low,"
        " r.speedup_high, r.kernel_ns, r.baseline_ns, r.noise, r.coverage, r.roofline_ns,"
        " r.roofline_fraction, r.samples, r.emulated, r.noisy, r.confirmed, r.stages, r.device,"
        " NULL, NULL, NULL, ?4 FROM (SELECT 1) LEFT JOIN results r ON r.step = ?2",
    [ADD_MEASUREMENT] = "INSERT OR IGNORE INTO measurements VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                        " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    [ADD_FINDING] = "INSERT OR IGNORE INTO findings VALUES(?1, ?2, ?3, ?4, nullif(?5, 0), ?6)",
    [ADD_REWARD] = "INSERT OR IGNORE INTO rewards VALUES(?1, ?2, ?3, ?4)",
};

struct hone_rows {
    sqlite3 *handle;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    json_t *names; /* of the reward parts: an array, or NULL */
};

static int finish(sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Bits are kept: ids above INT64_MAX show as negative numbers, and come back as they were. */
static void bind_id(sqlite3_stmt *statement, int index, uint64_t value) {
    sqlite3_bind_int64(statement, index, (int64_t)value);
}

static void bind_hex(sqlite3_stmt *statement, int index, uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    sqlite3_bind_text(statement, index, text, 16, SQLITE_TRANSIENT);
}

static void bind_real(sqlite3_stmt *statement, int index, double value) {
    if (isfinite(value))
        sqlite3_bind_double(statement, index, value);
}

static int bind_text(sqlite3_stmt *statement, int index, struct hone_slice text) {
    char *copy = hone_text_copy(text.bytes, text.size);
    if (!copy)
        return SQLITE_NOMEM;
    return sqlite3_bind_text64(statement, index, copy, text.size, free, SQLITE_UTF8);
}

/* Empty is absent. */
static int bind_name(sqlite3_stmt *statement, int index, struct hone_slice text) {
    return text.size ? bind_text(statement, index, text) : SQLITE_OK;
}

/* An array of chars that should end in a NUL. */
static int bind_field(sqlite3_stmt *statement, int index, const char *field, size_t capacity) {
    return bind_name(statement, index, (struct hone_slice){field, strnlen(field, capacity)});
}

/* Takes the value over; null is NULL. */
static int bind_json(sqlite3_stmt *statement, int index, json_t *json) {
    if (json_is_null(json))
        return SQLITE_OK;
    char *text = json ? json_dumps(json, HONE_JSON_FLAGS | JSON_COMPACT) : NULL;
    json_decref(json);
    return text ? sqlite3_bind_text64(statement, index, text, strlen(text), free, SQLITE_UTF8)
                : SQLITE_NOMEM;
}

static int apply_run(struct hone_rows *rows, const struct hone_record_run *run) {
    sqlite3_stmt *statement = rows->statements[SET_RUN];
    bind_text(statement, 1, run->name);
    sqlite3_bind_int64(statement, 2, run->time_ns);
    bind_text(statement, 3, run->facts);
    int code = finish(statement);
    return code == SQLITE_OK ? hone_rows_name_parts(rows) : code;
}

static int apply_source(struct hone_rows *rows, const struct hone_record_source *source) {
    sqlite3_stmt *statement = rows->statements[ADD_SOURCE];
    XXH128_hash_t hash = XXH3_128bits(source->text.bytes, source->text.size);
    char hex[33];
    snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
    bind_id(statement, 1, source->id);
    sqlite3_bind_text(statement, 2, hex, 32, SQLITE_TRANSIENT);
    bind_id(statement, 3, source->text.size);
    char *copy = hone_text_copy(source->text.bytes, source->text.size);
    if (!copy)
        return SQLITE_NOMEM;
    /* A source is evidence: kept byte for byte even where it is no text. */
    if (memcmp(copy, source->text.bytes, source->text.size) == 0)
        sqlite3_bind_text64(statement, 4, copy, source->text.size, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_bind_blob64(statement, 4, source->text.bytes, source->text.size, SQLITE_TRANSIENT);
    free(copy);
    return finish(statement);
}

static int apply_context(struct hone_rows *rows, const struct hone_record_context *context) {
    sqlite3_stmt *statement = rows->statements[ADD_CONTEXT];
    bind_id(statement, 1, context->id);
    bind_name(statement, 2, context->task);
    bind_name(statement, 3, context->task_hash);
    bind_name(statement, 4, context->language);
    bind_name(statement, 5, context->options);
    bind_name(statement, 6, context->group);
    return finish(statement);
}

static int apply_episode(struct hone_rows *rows, const struct hone_record_episode *episode,
                         bool end) {
    sqlite3_stmt *statement = rows->statements[end ? END_EPISODE : BEGIN_EPISODE];
    bind_id(statement, 1, episode->episode);
    bind_name(statement, 2, episode->task);
    bind_name(statement, 3, episode->group);
    bind_hex(statement, 4, episode->seed);
    sqlite3_bind_int64(statement, 5, episode->time_ns);
    if (end) {
        sqlite3_bind_int(statement, 6, episode->terminated != 0);
        sqlite3_bind_int(statement, 7, episode->truncated != 0);
        bind_name(statement, 8, episode->why);
    }
    return finish(statement);
}

static int apply_action(struct hone_rows *rows, const struct hone_record_action *action) {
    sqlite3_stmt *statement = rows->statements[ADD_STEP];
    bind_id(statement, 1, action->step);
    bind_id(statement, 2, action->episode);
    sqlite3_bind_int64(statement, 3, action->turn);
    bind_id(statement, 4, action->node);
    bind_hex(statement, 5, action->token);
    sqlite3_bind_int64(statement, 6, action->stages);
    sqlite3_bind_int64(statement, 7, action->flags);
    bind_id(statement, 8, action->source);
    bind_hex(statement, 9, action->seed);
    sqlite3_bind_int64(statement, 10, action->time_ns);
    bind_id(statement, 11, action->context);
    int code = finish(statement);
    if (code != SQLITE_OK || !action->node)
        return code;
    statement = rows->statements[ADD_NODE];
    bind_id(statement, 1, action->node);
    bind_id(statement, 2, action->parent);
    bind_id(statement, 3, action->episode);
    bind_id(statement, 4, action->step);
    bind_id(statement, 5, action->source);
    return finish(statement);
}

static int add_rewards(struct hone_rows *rows, const struct hone_record_result *result) {
    sqlite3_stmt *statement = rows->statements[ADD_REWARD];
    int code = SQLITE_OK;
    for (uint32_t i = 0; i < result->part_count && code == SQLITE_OK; i++) {
        const char *name =
            json_string_value(json_object_get(json_array_get(rows->names, i), "name"));
        bind_id(statement, 1, result->step);
        sqlite3_bind_int64(statement, 2, i);
        sqlite3_bind_text(statement, 3, name, -1, SQLITE_TRANSIENT);
        bind_real(statement, 4, result->parts[i]);
        code = finish(statement);
    }
    return code;
}

static int apply_repeat(struct hone_rows *rows, const struct hone_record_result *result) {
    sqlite3_stmt *statement = rows->statements[REPEAT_RESULT];
    bind_id(statement, 1, result->step);
    bind_id(statement, 2, result->repeats);
    bind_real(statement, 3, result->reward);
    sqlite3_bind_int64(statement, 4, result->time_ns);
    int code = finish(statement);
    return code == SQLITE_OK ? add_rewards(rows, result) : code;
}

static json_t *axes_json(const struct hone_workload_row *row) {
    if (row->axis_count == 0 || row->axis_count > HONE_AXES_MAX)
        return json_null();
    json_t *axes = json_array();
    for (uint32_t i = 0; i < row->axis_count; i++)
        json_array_append_new(axes, json_integer(row->axes[i]));
    return axes;
}

static json_t *baselines_json(const struct hone_evidence *evidence,
                              const struct hone_workload_row *row) {
    json_t *baselines = json_object();
    uint32_t count = row->baseline_count < evidence->baseline_count ? row->baseline_count
                                                                    : evidence->baseline_count;
    for (uint32_t i = 0; i < count && i < HONE_BASELINES_MAX; i++) {
        char name[HONE_NAME_SIZE + 1] = {0};
        memcpy(name, evidence->baseline_name[i], HONE_NAME_SIZE);
        hone_text_utf8(name);
        json_object_set_new(baselines, name, hone_json_real(row->baseline_ns[i]));
    }
    return baselines;
}

static json_t *stages_json(const struct hone_evidence *evidence) {
    json_t *stages = json_object();
    for (uint32_t i = 0; i < HONE_STAGE_COUNT; i++)
        if (evidence->stages & 1u << i)
            json_object_set_new(stages, hone_stage_name(i),
                                json_integer((json_int_t)evidence->stage_ns[i]));
    return stages;
}

static int add_measurements(struct hone_rows *rows, uint64_t step,
                            const struct hone_evidence *evidence) {
    sqlite3_stmt *statement = rows->statements[ADD_MEASUREMENT];
    int code = SQLITE_OK;
    for (uint32_t i = 0; i < evidence->workload_count && code == SQLITE_OK; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        bind_id(statement, 1, step);
        sqlite3_bind_int64(statement, 2, i);
        bind_field(statement, 3, row->id, sizeof row->id);
        sqlite3_bind_text(statement, 4, hone_set_name(row->set), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 5, hone_verdict_name(row->verdict), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 6, hone_reason_name(row->reason), -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 7, row->facts);
        sqlite3_bind_int64(statement, 8, row->samples);
        sqlite3_bind_int64(statement, 9, row->calls);
        bind_json(statement, 10, axes_json(row));
        bind_real(statement, 11, row->kernel_ns);
        bind_json(statement, 12, baselines_json(evidence, row));
        bind_real(statement, 13, row->speedup);
        bind_real(statement, 14, row->speedup_low);
        bind_real(statement, 15, row->speedup_high);
        bind_real(statement, 16, row->max_error);
        bind_real(statement, 17, row->rel_l2);
        bind_real(statement, 18, row->roofline_ns);
        code = finish(statement);
    }
    return code;
}

static int add_findings(struct hone_rows *rows, uint64_t step,
                        const struct hone_evidence *evidence) {
    sqlite3_stmt *statement = rows->statements[ADD_FINDING];
    int code = SQLITE_OK;
    for (uint32_t i = 0; i < evidence->finding_count && code == SQLITE_OK; i++) {
        const struct hone_finding *finding = hone_evidence_finding(evidence, i);
        bind_id(statement, 1, step);
        sqlite3_bind_int64(statement, 2, i);
        bind_text(statement, 3,
                  (struct hone_slice){finding->rule, strnlen(finding->rule, sizeof finding->rule)});
        sqlite3_bind_text(statement, 4, hone_severity_name(finding->severity), -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 5, finding->line);
        bind_text(statement, 6,
                  (struct hone_slice){finding->text, strnlen(finding->text, sizeof finding->text)});
        code = finish(statement);
    }
    return code;
}

static void bind_evidence(sqlite3_stmt *statement, const struct hone_evidence *evidence) {
    sqlite3_bind_text(statement, 2, hone_verdict_name(evidence->verdict), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, hone_reason_name(evidence->reason), -1, SQLITE_STATIC);
    bind_real(statement, 7, evidence->speedup);
    bind_real(statement, 8, evidence->speedup_low);
    bind_real(statement, 9, evidence->speedup_high);
    bind_real(statement, 10, evidence->kernel_ns);
    bind_real(statement, 11, evidence->baseline_ns);
    bind_real(statement, 12, evidence->noise);
    bind_real(statement, 13, evidence->coverage);
    bind_real(statement, 14, evidence->roofline_ns);
    bind_real(statement, 15, evidence->roofline_fraction);
    sqlite3_bind_int64(statement, 16, evidence->samples);
    sqlite3_bind_int(statement, 17, (evidence->flags & HONE_EMULATED) != 0);
    sqlite3_bind_int(statement, 18, (evidence->flags & HONE_NOISY) != 0);
    sqlite3_bind_int(statement, 19, (evidence->flags & HONE_CONFIRMED) != 0);
    bind_json(statement, 20, stages_json(evidence));
    bind_field(statement, 21, evidence->device, sizeof evidence->device);
}

static int add_result(struct hone_rows *rows, const struct hone_record_result *result,
                      const struct hone_evidence *evidence) {
    sqlite3_stmt *statement = rows->statements[ADD_RESULT];
    bind_id(statement, 1, result->step);
    sqlite3_bind_int(statement, 4, result->repeats != 0);
    if (result->repeats && result->repeats != result->step)
        bind_id(statement, 5, result->repeats);
    bind_real(statement, 6, result->reward);
    if (evidence) {
        bind_evidence(statement, evidence);
        sqlite3_bind_blob64(statement, 24, evidence, evidence->bytes, SQLITE_TRANSIENT);
    } else { /* a step that never got so far as to have any */
        sqlite3_bind_text(statement, 2, hone_verdict_name(HONE_UNDECIDED), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 3, hone_reason_name(HONE_REASON_NONE), -1, SQLITE_STATIC);
    }
    bind_text(statement, 22, result->message);
    bind_text(statement, 23, result->feedback);
    sqlite3_bind_int64(statement, 25, result->time_ns);
    return finish(statement);
}

static int apply_result(struct hone_rows *rows, const struct hone_record_result *result) {
    struct hone_evidence *evidence = NULL;
    if (result->evidence.size) {
        int failed =
            hone_evidence_read(result->evidence.bytes, result->evidence.size, &evidence, NULL);
        if (failed)
            return failed == -ENOMEM ? SQLITE_NOMEM : SQLITE_MISMATCH;
    }
    int code = add_result(rows, result, evidence);
    if (code == SQLITE_OK && evidence)
        code = add_measurements(rows, result->step, evidence);
    if (code == SQLITE_OK && evidence)
        code = add_findings(rows, result->step, evidence);
    if (code == SQLITE_OK)
        code = add_rewards(rows, result);
    free(evidence);
    return code;
}

int hone_rows_apply(struct hone_rows *rows, const struct hone_record *record) {
    switch (record->kind) {
    case HONE_RECORD_RUN:
        return apply_run(rows, &record->run);
    case HONE_RECORD_SOURCE:
        return apply_source(rows, &record->source);
    case HONE_RECORD_CONTEXT:
        return apply_context(rows, &record->context);
    case HONE_RECORD_EPISODE_BEGIN:
    case HONE_RECORD_EPISODE_END:
        return apply_episode(rows, &record->episode, record->kind == HONE_RECORD_EPISODE_END);
    case HONE_RECORD_ACTION:
        return apply_action(rows, &record->action);
    case HONE_RECORD_RESULT:
        return apply_result(rows, &record->result);
    case HONE_RECORD_REPEAT:
        return apply_repeat(rows, &record->result);
    case HONE_RECORD_FINISHED:
        sqlite3_bind_int64(rows->statements[SET_FINISHED], 1, record->moment.time_ns);
        return finish(rows->statements[SET_FINISHED]);
    case HONE_RECORD_CONTINUED: /* not finished after all */
        return finish(rows->statements[SET_FINISHED]);
    case HONE_RECORD_GOTO:  /* for its server's next life only */
    case HONE_RECORD_IMAGE: /* read from the journal: the database need not hold it again */
        return SQLITE_OK;
    }
    return SQLITE_MISMATCH;
}

int hone_rows_name_parts(struct hone_rows *rows) {
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(rows->handle, "SELECT facts FROM run", -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    const char *facts = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    json_decref(rows->names);
    json_t *parsed = facts ? json_loads(facts, 0, NULL) : NULL;
    rows->names = json_incref(json_object_get(parsed, "rewards"));
    json_decref(parsed);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int hone_rows_create(struct sqlite3 *handle, struct hone_rows **out) {
    struct hone_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return SQLITE_NOMEM;
    rows->handle = handle;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        int code = sqlite3_prepare_v3(handle, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &rows->statements[i], NULL);
        if (code != SQLITE_OK) {
            hone_rows_destroy(rows);
            return code;
        }
    }
    *out = rows;
    return SQLITE_OK;
}

void hone_rows_destroy(struct hone_rows *rows) {
    if (!rows)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(rows->statements[i]);
    json_decref(rows->names);
    free(rows);
}
