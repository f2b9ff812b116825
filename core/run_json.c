#include "core/run_json.h"

#include "core/error.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const char steps_sql[] =
    "SELECT step, episode, turn, task, language AS lang, coalesce(verdict, 'unfinished') AS "
    "verdict,"
    " reason, speedup, speedup_low, speedup_high, reward, cached AS \"bool:cached\","
    " emulated AS \"bool:emulated\" FROM outcomes ORDER BY step";

static const char step_sql[] =
    "SELECT step, episode, turn, node, parent, o.task, o.task_hash, language AS lang,"
    " nullif(options, '') AS options, o.group_name AS \"group\", device,"
    " coalesce(verdict, 'unfinished') AS verdict, reason, message, reward,"
    " speedup, speedup_low, speedup_high, kernel_ns, baseline_ns, noise, samples, coverage,"
    " roofline_ns, roofline_fraction, stages AS \"json:stages\", cached AS \"bool:cached\", "
    "repeats,"
    " emulated AS \"bool:emulated\", noisy AS \"bool:noisy\", confirmed AS \"bool:confirmed\","
    " o.seed, accepted_ns, ended_ns, evidence_step, feedback, s.text AS \"source:source\""
    " FROM outcomes o LEFT JOIN sources s ON s.id = o.source WHERE step = ?1";

static const char parts_sql[] = "SELECT coalesce(name, 'part_' || part) AS name, value FROM "
                                "rewards WHERE step = ?1 ORDER BY part";

static const char workloads_sql[] =
    "SELECT workload AS id, workload_set AS \"set\", axes AS \"json:axes\", verdict, reason, "
    "samples,"
    " calls, kernel_ns, baselines AS \"json:baseline_ns\", speedup, speedup_low, speedup_high,"
    " max_error, rel_l2 FROM measurements WHERE step = ?1 ORDER BY row";

static const char findings_sql[] =
    "SELECT rule, severity, line, text FROM findings WHERE step = ?1 ORDER BY row";

static const char summary_sql[] =
    "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', created_ns / 1000000000, 'unixepoch') AS created,"
    " (SELECT count(*) FROM episodes) AS episodes,"
    " (SELECT count(*) FROM steps) AS steps,"
    " (SELECT count(*) FROM results WHERE verdict = 'passed') AS passed,"
    " (SELECT max(speedup) FROM results WHERE verdict = 'passed') AS best_speedup,"
    " dropped_bytes, unread_records FROM run";

static bool take_prefix(const char **name, const char *prefix) {
    size_t length = strlen(prefix);
    if (strncmp(*name, prefix, length))
        return false;
    *name += length;
    return true;
}

static json_t *plain_value(sqlite3_stmt *row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return hone_json_real(sqlite3_column_double(row, column));
    case SQLITE_NULL:
        return json_null();
    default:
        return hone_json_text((const char *)sqlite3_column_text(row, column));
    }
}

/* Columns were written by us, but the file may have been changed by anybody: what is no JSON
 * becomes null. */
static json_t *parsed_value(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_null();
}

static json_t *source_value(sqlite3_stmt *row, int column) {
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return json_null();
    const char *bytes = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    char *copy = hone_text_copy(bytes, size);
    json_t *value = copy ? json_stringn(copy, size) : NULL;
    free(copy);
    return value;
}

static json_t *row_object(sqlite3_stmt *row) {
    json_t *object = json_object();
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        json_t *value;
        if (take_prefix(&name, "json:"))
            value = parsed_value(row, i);
        else if (take_prefix(&name, "source:"))
            value = source_value(row, i);
        else if (take_prefix(&name, "bool:") && sqlite3_column_type(row, i) != SQLITE_NULL)
            value = json_boolean(sqlite3_column_int(row, i));
        else
            value = plain_value(row, i);
        json_object_set_new(object, name, value);
    }
    return object;
}

int hone_run_query(struct hone_run *run, const char *sql, uint64_t step, json_t **out,
                   struct hone_error *error) {
    sqlite3 *handle = hone_run_database(run);
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return hone_fail(error, -EIO, "cannot query run %s: %s", hone_run_name(run),
                         sqlite3_errmsg(handle));
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, (int64_t)step);
    json_t *rows = json_array();
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        json_array_append_new(rows, row_object(statement));
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        json_decref(rows);
        return hone_fail(error, -EIO, "cannot read run %s: %s", hone_run_name(run),
                         sqlite3_errmsg(handle));
    }
    *out = rows;
    return 0;
}

/* The first row of several, alone. */
static json_t *only(json_t *rows) {
    json_t *row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return row;
}

static const char *state_name(enum hone_run_state state) {
    static const char *const names[] = {"live", "finished", "killed"};
    return names[state];
}

int hone_run_summary(struct hone_run *run, json_t **summary, struct hone_error *error) {
    json_t *rows;
    int failed = hone_run_query(run, summary_sql, 0, &rows, error);
    if (failed)
        return failed;
    json_t *row = only(rows);
    json_t *all = json_object();
    json_object_set_new(all, "name", hone_json_text(hone_run_name(run)));
    json_object_set_new(all, "path", hone_json_text(hone_run_path(run)));
    json_object_set_new(all, "state", json_string(state_name(hone_run_state(run))));
    json_object_update(all, row);
    json_decref(row);
    *summary = all;
    return 0;
}

int hone_run_steps(struct hone_run *run, json_t **steps, struct hone_error *error) {
    return hone_run_query(run, steps_sql, 0, steps, error);
}

static void nanoseconds_to_milliseconds(json_t *stages) {
    const char *name;
    json_t *value;
    json_object_foreach(stages, name, value) {
        double ms = json_number_value(value) / 1e6;
        json_object_set_new(stages, name, hone_json_real(ms));
    }
}

static int add_parts(struct hone_run *run, uint64_t step, json_t *detail,
                     struct hone_error *error) {
    json_t *rows, *row, *parts = json_object();
    size_t index;
    int failed = hone_run_query(run, parts_sql, step, &rows, error);
    if (!failed) {
        json_array_foreach(rows, index, row) json_object_set(
            parts, json_string_value(json_object_get(row, "name")), json_object_get(row, "value"));
        json_decref(rows);
    }
    json_object_set_new(detail, "components", parts);
    return failed;
}

static int add_rows(struct hone_run *run, const char *name, const char *sql, uint64_t step,
                    json_t *detail, struct hone_error *error) {
    json_t *rows;
    int failed = hone_run_query(run, sql, step, &rows, error);
    if (!failed)
        json_object_set_new(detail, name, rows);
    return failed;
}

int hone_run_step(struct hone_run *run, uint64_t step, json_t **out, struct hone_error *error) {
    json_t *rows;
    int failed = hone_run_query(run, step_sql, step, &rows, error);
    if (failed)
        return failed;
    json_t *detail = only(rows);
    if (!detail)
        return hone_fail(error, -ENOENT,
                         "run %s has no step %" PRIu64 "; `hone show %s` lists them",
                         hone_run_name(run), step, hone_run_name(run));
    nanoseconds_to_milliseconds(json_object_get(detail, "stages"));
    json_t *evidence = json_object_get(detail, "evidence_step");
    uint64_t measured = (uint64_t)json_integer_value(evidence);
    failed = add_parts(run, step, detail, error);
    if (!failed)
        failed = add_rows(run, "workloads", workloads_sql, measured, detail, error);
    if (!failed)
        failed = add_rows(run, "findings", findings_sql, measured, detail, error);
    json_object_del(detail, "evidence_step");
    if (failed)
        json_decref(detail);
    else
        *out = detail;
    return failed;
}

int hone_run_source(struct hone_run *run, uint64_t step, char **bytes, size_t *size,
                    struct hone_error *error) {
    sqlite3 *handle = hone_run_database(run);
    sqlite3_stmt *statement;
    int failed = 0;
    int code = sqlite3_prepare_v2(
        handle, "SELECT o.text FROM steps s JOIN sources o ON o.id = s.source WHERE s.id = ?1", -1,
        &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, (int64_t)step);
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        const void *stored = sqlite3_column_blob(statement, 0);
        *size = (size_t)sqlite3_column_bytes(statement, 0);
        *bytes = malloc(*size + 1);
        if (!*bytes)
            failed = hone_fail(error, -ENOMEM, "out of memory");
        else if (*size)
            memcpy(*bytes, stored, *size);
    } else if (code == SQLITE_DONE) {
        failed = hone_fail(error, -ENOENT, "run %s has no source of a step %" PRIu64,
                           hone_run_name(run), step);
    } else {
        failed = hone_fail(error, -EIO, "cannot read run %s: %s", hone_run_name(run),
                           sqlite3_errmsg(handle));
    }
    sqlite3_finalize(statement);
    return failed;
}
