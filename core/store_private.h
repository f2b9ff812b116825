/* store_private.h - what the files of the store share. */
#ifndef HONE_CORE_STORE_PRIVATE_H
#define HONE_CORE_STORE_PRIVATE_H

#include "core/store.h"
#include "core/store_blobs.h"
#include "core/store_writer.h"

struct hone_store {
    char *path;
    const char *name; /* the end of the path */
    int folder, lock;
    bool fsync;
    struct hone_journal *journal;
    struct hone_store_blobs *sources, *contexts, *images;
    struct hone_store_writer *writer;
};

/* One record; `durable` ones are what `fsync` waits for. */
int hone_store_append(struct hone_store *store, const struct hone_record *record, bool durable);

/* What a run holds once, before its journal is open. */
int hone_store_blobs_open(struct hone_store *store, struct hone_error *error);

/* Close without a word about it in the journal. */
void hone_store_release(struct hone_store *store);

#endif
