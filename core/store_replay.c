#include "core/store_replay.h"

#include "core/error.h"

#include <errno.h>
#include <string.h>

int hone_records_replay(struct hone_journal_reader *reader, hone_record_visitor *visit,
                        void *context, uint64_t *end, struct hone_error *error) {
    uint64_t offset = HONE_JOURNAL_START;
    struct hone_journal_entry entry;
    int found, failed = 0;
    while (!failed && (found = hone_journal_read(reader, offset, &entry)) == 1) {
        struct hone_record record;
        if (!hone_record_decode(entry.kind, entry.payload, entry.bytes, &record))
            failed = visit(context, offset, &record);
        offset = entry.next;
    }
    if (!failed && found < 0)
        failed = hone_fail(error, found, "cannot read the journal: %s", strerror(-found));
    if (end)
        *end = offset;
    return failed;
}

int hone_record_at(struct hone_journal_reader *reader, uint64_t offset,
                   struct hone_record *record) {
    struct hone_journal_entry entry;
    int found = hone_journal_read(reader, offset, &entry);
    if (found < 0)
        return found;
    return found ? hone_record_decode(entry.kind, entry.payload, entry.bytes, record) : -ENOENT;
}
