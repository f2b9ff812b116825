/* run_json.h - rows of a run's database as JSON, under the names that `hone eval --json` uses.
 *
 * One query, one object a row: a column's name is its key. "json:NAME" holds JSON text, "bool:NAME"
 * a flag, "source:NAME" bytes that may be no text. Not-a-number is null. Threads: the run's.
 */
#ifndef HONE_CORE_RUN_JSON_H
#define HONE_CORE_RUN_JSON_H

#include "core/store.h"
#include "core/text.h"

/* ?1 in the query is `step`. The caller drops the array with json_decref(). */
int hone_run_query(struct hone_run *run, const char *sql, uint64_t step, json_t **rows,
                   struct hone_error *error);

/* The run as `hone runs` shows it: name, path, created (UTC), state, episodes, steps, passed, best
 * speedup. */
int hone_run_summary(struct hone_run *run, json_t **summary, struct hone_error *error);

/* One row a step, without details. */
int hone_run_steps(struct hone_run *run, json_t **steps, struct hone_error *error);

/* Everything of one step. -ENOENT: there is none of that number. */
int hone_run_step(struct hone_run *run, uint64_t step, json_t **detail, struct hone_error *error);

/* The source of a step, byte for byte; the caller frees. -ENOENT: no such step, or no source. */
int hone_run_source(struct hone_run *run, uint64_t step, char **bytes, size_t *size,
                    struct hone_error *error);

#endif
