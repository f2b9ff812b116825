/* store_sql.h - a run's journal, read back into its database.
 *
 * Whole batches: what the records say and the offset they end at are one transaction. Threads: one
 * at a time for each object. Results: 0 or a negative errno with a text: -EBADMSG means that the
 * database is damaged or another run's, and may be made anew; -EPROTONOSUPPORT that another version
 * made it.
 */
#ifndef HONE_CORE_STORE_SQL_H
#define HONE_CORE_STORE_SQL_H

#include "core/journal.h"
#include "core/journal_record.h"

#include <sqlite3.h>

#define HONE_DATABASE_FILE "run.sqlite"
#define HONE_JOURNAL_FILE "journal"
#define HONE_LOCK_FILE "lock"

extern const char hone_store_schema[];

struct hone_database;

/* Open, or make, the database of the run with that id in that folder. */
int hone_database_open(const char *folder, uint64_t run_id, struct hone_database **database,
                       struct hone_error *error);
void hone_database_close(struct hone_database *database);
struct sqlite3 *hone_database_handle(struct hone_database *database);

/* The journal offset applied so far, by anybody. */
int hone_database_applied(struct hone_database *database, uint64_t *offset,
                          struct hone_error *error);

/* Apply one batch of records from where the database is, up to `end` (UINT64_MAX: what is whole).
 * 1: there may be more; 0: caught up; on an error nothing of the batch is kept. */
int hone_database_apply(struct hone_database *database, struct hone_journal_reader *reader,
                        uint64_t end, struct hone_error *error);

/* Note that bytes behind the last whole record were dropped. */
int hone_database_dropped(struct hone_database *database, uint64_t bytes, bool *news,
                          struct hone_error *error);

/* Look for damage inside; costs a read of the whole file. */
int hone_database_check(struct hone_database *database, struct hone_error *error);

/* What rows are made of; core/store_rows.c. */
struct hone_rows;
int hone_rows_create(struct sqlite3 *handle, struct hone_rows **rows);
void hone_rows_destroy(struct hone_rows *rows);
/* Insert what a record says; SQLITE_OK or SQLite's code. */
int hone_rows_apply(struct hone_rows *rows, const struct hone_record *record);
/* Read the names of reward parts from the run's facts again. */
int hone_rows_name_parts(struct hone_rows *rows);

#endif
