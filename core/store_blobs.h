/* store_blobs.h - texts and images that a journal holds once, however often a step names them.
 *
 * An agent that sends the same source again must not cost its length again. Found by hash, then
 * compared with the bytes in the journal: a chosen collision gains nothing. Threads: the journal's.
 */
#ifndef HONE_CORE_STORE_BLOBS_H
#define HONE_CORE_STORE_BLOBS_H

#include "core/journal.h"
#include "core/journal_record.h"

struct hone_store_blobs;

/* One of these for each kind: HONE_RECORD_SOURCE, HONE_RECORD_CONTEXT or HONE_RECORD_IMAGE. */
int hone_store_blobs_create(enum hone_record_kind kind, struct hone_store_blobs **blobs);
void hone_store_blobs_destroy(struct hone_store_blobs *blobs);

/* Where they are kept: before any is asked for. */
void hone_store_blobs_keep(struct hone_store_blobs *blobs, struct hone_journal *journal);

/* The number of such a record, which is appended if it is new; its `id` is filled in.
 */
int hone_store_blob(struct hone_store_blobs *blobs, struct hone_record *record, uint64_t *id);

/* A record of this kind that the journal has already, at that offset. */
int hone_store_blobs_know(struct hone_store_blobs *blobs, const struct hone_record *record,
                          uint64_t offset);

#endif
