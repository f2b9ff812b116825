/* store_writer.h - the thread that reads a run's journal back into its database while the run is
 * written.
 *
 * It sleeps on a condition until the journal grows, waits a moment for more, and applies what there
 * is as one batch. What SQLite refuses (a full disk) is logged once, stays in the journal, and is
 * tried again every second while the run goes on, and by hone_run_open() after it.
 */
#ifndef HONE_CORE_STORE_WRITER_H
#define HONE_CORE_STORE_WRITER_H

#include "core/journal.h"

struct hone_store_writer;

/* `folder` and `journal` must outlive the writer. */
int hone_store_writer_create(const char *folder, int folder_descriptor,
                             struct hone_journal *journal, uint64_t run_id,
                             struct hone_store_writer **writer, struct hone_error *error);
/* Applies everything that can be applied, then ends. */
void hone_store_writer_destroy(struct hone_store_writer *writer);
/* Say that the journal grew. A system call only when the thread sleeps. From one thread. */
void hone_store_writer_wake(struct hone_store_writer *writer);

#endif
