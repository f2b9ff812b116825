#include "core/store_blobs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A free entry has offset 0, where no record is. */
struct entry {
    uint64_t hash, offset;
};

struct hone_store_blobs {
    struct hone_journal *journal;
    enum hone_record_kind kind;
    struct entry *entries;          /* open addressing, at most half full */
    uint64_t capacity, count, last; /* the highest number given */
};

static uint64_t hash_slices(const struct hone_slice *slices, int count) {
    uint64_t seed = 0;
    for (int i = 0; i < count; i++)
        seed = XXH3_64bits_withSeed(slices[i].bytes, slices[i].size, seed + slices[i].size);
    return seed;
}

static bool same_slices(const struct hone_slice *a, const struct hone_slice *b, int count) {
    for (int i = 0; i < count; i++)
        if (a[i].size != b[i].size || (a[i].size && memcmp(a[i].bytes, b[i].bytes, a[i].size)))
            return false;
    return true;
}

/* What of a record is content. */
static int slices_of(const struct hone_record *record, struct hone_slice slices[5]) {
    if (record->kind == HONE_RECORD_SOURCE) {
        slices[0] = record->source.text;
        return 1;
    }
    if (record->kind == HONE_RECORD_IMAGE) {
        slices[0] = record->image.image;
        slices[1] = record->image.listing;
        slices[2] = record->image.entries;
        return 3;
    }
    slices[0] = record->context.task;
    slices[1] = record->context.task_hash;
    slices[2] = record->context.language;
    slices[3] = record->context.options;
    slices[4] = record->context.group;
    return 5;
}

static uint64_t *number_of(struct hone_record *record) {
    return record->kind == HONE_RECORD_SOURCE  ? &record->source.id
           : record->kind == HONE_RECORD_IMAGE ? &record->image.id
                                               : &record->context.id;
}

/* Whether the record in the journal says the same; then its number. The journal is our own memory.
 */
static bool is_at(const struct hone_store_blobs *blobs, uint64_t offset, uint64_t bytes,
                  const struct hone_record *record, uint64_t *id) {
    struct hone_record old;
    struct hone_slice wanted[5], found[5];
    const void *payload = hone_journal_payload(blobs->journal, offset);
    if (hone_journal_end(blobs->journal) - offset < bytes + HONE_JOURNAL_RECORD_HEADER ||
        hone_record_decode((uint16_t)record->kind, payload, bytes, &old))
        return false;
    int count = slices_of(record, wanted);
    slices_of(&old, found);
    *id = *number_of(&old);
    return same_slices(wanted, found, count);
}

static struct entry *place(struct entry *entries, uint64_t capacity, uint64_t hash) {
    uint64_t at = hash & (capacity - 1);
    while (entries[at].offset)
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static int make_room(struct hone_store_blobs *blobs) {
    if (blobs->count < blobs->capacity / 2)
        return 0;
    uint64_t capacity = blobs->capacity ? blobs->capacity * 2 : 1024;
    struct entry *entries = calloc(capacity, sizeof *entries);
    if (!entries)
        return -ENOMEM;
    for (uint64_t i = 0; i < blobs->capacity; i++)
        if (blobs->entries[i].offset)
            *place(entries, capacity, blobs->entries[i].hash) = blobs->entries[i];
    free(blobs->entries);
    blobs->entries = entries;
    blobs->capacity = capacity;
    return 0;
}

static int append(struct hone_store_blobs *blobs, struct hone_record *record, uint64_t bytes,
                  uint64_t hash, uint64_t *id) {
    void *payload;
    int failed = hone_journal_claim(blobs->journal, bytes, &payload);
    if (failed)
        return failed;
    *id = blobs->last + 1;
    *number_of(record) = *id;
    hone_record_encode(record, payload);
    uint64_t offset = hone_journal_commit(blobs->journal, (uint16_t)record->kind);
    *place(blobs->entries, blobs->capacity, hash) = (struct entry){hash, offset};
    blobs->count++;
    blobs->last = *id;
    return 0;
}

int hone_store_blobs_know(struct hone_store_blobs *blobs, const struct hone_record *record,
                          uint64_t offset) {
    struct hone_slice slices[5];
    assert(record->kind == blobs->kind);
    int failed = make_room(blobs);
    if (failed)
        return failed;
    uint64_t hash = hash_slices(slices, slices_of(record, slices));
    struct hone_record known = *record;
    uint64_t id = *number_of(&known);
    *place(blobs->entries, blobs->capacity, hash) = (struct entry){hash, offset};
    blobs->count++;
    blobs->last = id > blobs->last ? id : blobs->last;
    return 0;
}

int hone_store_blob(struct hone_store_blobs *blobs, struct hone_record *record, uint64_t *id) {
    struct hone_slice slices[5];
    uint64_t bytes;
    assert(record->kind == blobs->kind);
    int failed = hone_record_size(record, &bytes);
    if (!failed)
        failed = make_room(blobs);
    if (failed)
        return failed;
    uint64_t hash = hash_slices(slices, slices_of(record, slices));
    uint64_t at = hash & (blobs->capacity - 1);
    for (; blobs->entries[at].offset; at = (at + 1) & (blobs->capacity - 1))
        if (blobs->entries[at].hash == hash &&
            is_at(blobs, blobs->entries[at].offset, bytes, record, id))
            return 0;
    return append(blobs, record, bytes, hash, id);
}

int hone_store_blobs_create(enum hone_record_kind kind, struct hone_store_blobs **out) {
    struct hone_store_blobs *blobs = calloc(1, sizeof *blobs);
    if (!blobs)
        return -ENOMEM;
    blobs->kind = kind;
    *out = blobs;
    return 0;
}

void hone_store_blobs_keep(struct hone_store_blobs *blobs, struct hone_journal *journal) {
    blobs->journal = journal;
}

void hone_store_blobs_destroy(struct hone_store_blobs *blobs) {
    if (!blobs)
        return;
    free(blobs->entries);
    free(blobs);
}
