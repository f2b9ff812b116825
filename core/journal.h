/* journal.h - an append-only file of checksummed records, mapped by its one writer.
 *
 * Layout: a header of one page (magic, version, id, time), then records, each on 8 bytes: length,
 * kind, checksum (XXH3-64 of the payload, seeded with id, offset, kind and length), payload. A
 * record is committed when its length word is stored, last and with release. Behind the last record
 * the file is zeros. Readers stop at the first length of zero or checksum that does not hold, so a
 * torn record hides nothing before it.
 *
 * The file grows by chunks that are allocated on disk before they are mapped: a full disk is
 * -ENOSPC from hone_journal_claim(), never a SIGBUS. Appending makes no system call but for a new
 * chunk.
 *
 * Threads: claim and commit from one thread; hone_journal_ahead(), _sync() and _end() from any. A
 * reader may be in another process; it reads a file, not memory, so that a file cut short cannot
 * kill it.
 */
#ifndef HONE_CORE_JOURNAL_H
#define HONE_CORE_JOURNAL_H

#include "plugins/plugin.h"

#include <stdbool.h>
#include <stdint.h>

#define HONE_JOURNAL_VERSION 1u
#define HONE_JOURNAL_START 4096u       /* offset of the first record */
#define HONE_JOURNAL_RECORD_HEADER 16u /* bytes before a payload */
#define HONE_JOURNAL_PAYLOAD_MAX (256u << 20)

struct hone_journal;
struct hone_journal_reader;

/* Make `name` in the folder; it must not exist. */
int hone_journal_create(int folder, const char *name, uint64_t id, int64_t created_ns,
                        struct hone_journal **journal, struct hone_error *error);
/* Open one that its writer left, to append at `end`, behind its last whole record; what is there is
 * in none, and cut off. `id` as a reader tells it. */
int hone_journal_continue(int folder, const char *name, uint64_t id, uint64_t end,
                          struct hone_journal **journal, struct hone_error *error);
/* Cuts off what was allocated and not used. */
void hone_journal_close(struct hone_journal *journal);

/* Room for a payload of exactly `bytes` bytes, zeroed, on 8 bytes. A claim not committed is taken
 * back by the next. -ENOSPC: no room on the disk; -EFBIG: more than one record or one journal may
 * hold. */
int hone_journal_claim(struct hone_journal *journal, uint64_t bytes, void **payload);
/* Publish what was claimed last. Returns the record's offset. */
uint64_t hone_journal_commit(struct hone_journal *journal, uint16_t kind);

/* The offset behind the last committed record. */
uint64_t hone_journal_end(const struct hone_journal *journal);
/* The payload of a committed record, in the mapping. */
const void *hone_journal_payload(const struct hone_journal *journal, uint64_t offset);
/* Allocate and map the next chunk before it is needed. */
void hone_journal_ahead(struct hone_journal *journal);
/* Wait until everything committed is on the disk. */
int hone_journal_sync(struct hone_journal *journal);

int hone_journal_reader_open(int folder, const char *name, struct hone_journal_reader **reader,
                             struct hone_error *error);
void hone_journal_reader_close(struct hone_journal_reader *reader);
/* Whether nobody but this user could have written it. Anybody may show and rescore a run; what a
 * server takes up as its own must be. */
bool hone_journal_reader_is_ours(const struct hone_journal_reader *reader);
uint64_t hone_journal_reader_id(const struct hone_journal_reader *reader);
int64_t hone_journal_reader_created(const struct hone_journal_reader *reader);

/* A record as read; the payload is valid until the next call on the reader. */
struct hone_journal_entry {
    uint64_t offset, next; /* of this record, of the one behind it */
    uint16_t kind;
    uint64_t bytes;
    const void *payload; /* on 8 bytes */
};

/* Read the record at `offset`. 1: here it is; 0: no whole record there (yet); negative errno: the
 * file cannot be read. */
int hone_journal_read(struct hone_journal_reader *reader, uint64_t offset,
                      struct hone_journal_entry *entry);

/* How many bytes behind `offset` were written and belong to no whole record. */
int hone_journal_tail(struct hone_journal_reader *reader, uint64_t offset, uint64_t *bytes);

#endif
