/* store_replay.h - a run's records, in the order they were written and found by where they are, for
 * those who make their state from them.
 *
 * Threads: one at a time for each object. What a record's slices point to is valid until the next
 * call on the same reader.
 */
#ifndef HONE_CORE_STORE_REPLAY_H
#define HONE_CORE_STORE_REPLAY_H

#include "core/journal.h"
#include "core/journal_record.h"

/* A negative errno from it ends the replay. */
typedef int hone_record_visitor(void *context, uint64_t offset, const struct hone_record *record);

/* Every record that makes sense; those that do not are passed over, as the database does. `end`
 * (may be NULL) is the offset behind the last whole one. */
int hone_records_replay(struct hone_journal_reader *reader, hone_record_visitor *visit,
                        void *context, uint64_t *end, struct hone_error *error);

/* The record at an offset that a replay told. */
int hone_record_at(struct hone_journal_reader *reader, uint64_t offset, struct hone_record *record);

#endif
