#include "core/journal.h"
#include "core/journal_record.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];
static int folder;

static void make_folder(void) {
    strcpy(path, "/tmp/hone-test-journal-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(path), NULL));
    folder = open(path, O_RDONLY | O_DIRECTORY);
}

static void remove_folder(void) {
    unlinkat(folder, "journal", 0);
    close(folder);
    rmdir(path);
}

TestSuite(journal, .init = make_folder, .fini = remove_folder, .timeout = 30);

static struct hone_journal *create(void) {
    struct hone_journal *journal;
    struct hone_error error = {""};
    int failed = hone_journal_create(folder, "journal", 42, 99, &journal, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return journal;
}

static uint64_t append(struct hone_journal *journal, uint16_t kind, const void *bytes,
                       uint64_t size) {
    void *payload;
    cr_assert(eq(int, hone_journal_claim(journal, size, &payload), 0));
    memcpy(payload, bytes, size);
    return hone_journal_commit(journal, kind);
}

static struct hone_journal_reader *reader_of(void) {
    struct hone_journal_reader *reader;
    struct hone_error error = {""};
    int failed = hone_journal_reader_open(folder, "journal", &reader, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return reader;
}

/* How many whole records there are; *end is where they end. */
static int count_records(struct hone_journal_reader *reader, uint64_t *end) {
    struct hone_journal_entry entry;
    int count = 0;
    for (*end = HONE_JOURNAL_START; hone_journal_read(reader, *end, &entry) == 1; count++)
        *end = entry.next;
    return count;
}

static void change(uint64_t offset, const void *bytes, size_t size) {
    int descriptor = openat(folder, "journal", O_WRONLY);
    cr_assert(eq(sz, (size_t)pwrite(descriptor, bytes, size, (off_t)offset), size));
    close(descriptor);
}

static void make_three(uint64_t offsets[3]) {
    struct hone_journal *journal = create();
    offsets[0] = append(journal, 1, "first", 5);
    offsets[1] = append(journal, 2, "second one", 10);
    offsets[2] = append(journal, 3, "third", 5);
    hone_journal_close(journal);
}

Test(journal, gives_back_what_was_committed) {
    uint64_t offsets[3];
    make_three(offsets);
    struct hone_journal_reader *reader = reader_of();
    struct hone_journal_entry entry;
    cr_assert(eq(u64, hone_journal_reader_id(reader), 42));
    cr_assert(eq(i64, hone_journal_reader_created(reader), 99));
    cr_assert(eq(u64, offsets[0], HONE_JOURNAL_START));
    cr_assert(eq(int, hone_journal_read(reader, offsets[1], &entry), 1));
    cr_assert(eq(u16, entry.kind, 2));
    cr_assert(eq(u64, entry.bytes, 10));
    cr_assert(eq(int, memcmp(entry.payload, "second one", 10), 0));
    cr_assert(eq(u64, entry.next, offsets[2]));
    cr_assert(eq(int, hone_journal_read(reader, offsets[1] + 8, &entry), 0));
    hone_journal_reader_close(reader);
}

Test(journal, can_be_followed_while_it_is_written) {
    struct hone_journal *journal = create();
    struct hone_journal_reader *reader = reader_of();
    uint64_t end;
    for (int i = 0; i < 10; i++) {
        cr_assert(eq(int, count_records(reader, &end), i));
        cr_assert(eq(u64, end, hone_journal_end(journal)));
        append(journal, 1, "x", 1);
    }
    hone_journal_reader_close(reader);
    hone_journal_close(journal);
}

Test(journal, grows_over_many_chunks_and_large_records) {
    struct hone_journal *journal = create();
    static char large[3000000];
    for (int i = 0; i < 10; i++) {
        memset(large, 'a' + i, sizeof large);
        append(journal, 1, large, sizeof large - (size_t)i);
        append(journal, 2, "small", 5);
        if (i % 2)
            hone_journal_ahead(journal);
    }
    hone_journal_close(journal);
    struct hone_journal_reader *reader = reader_of();
    struct hone_journal_entry entry;
    uint64_t offset = HONE_JOURNAL_START;
    for (int i = 0; i < 10; i++) {
        cr_assert(eq(int, hone_journal_read(reader, offset, &entry), 1));
        cr_assert(eq(u64, entry.bytes, sizeof large - (size_t)i));
        const char *payload = entry.payload;
        cr_assert(eq(chr, payload[0], 'a' + i));
        cr_assert(eq(chr, payload[entry.bytes - 1], 'a' + i));
        cr_assert(eq(int, hone_journal_read(reader, entry.next, &entry), 1));
        offset = entry.next;
    }
    hone_journal_reader_close(reader);
}

Test(journal, gives_unused_room_back_when_closed) {
    uint64_t offsets[3], end;
    make_three(offsets);
    struct hone_journal_reader *reader = reader_of();
    struct stat status;
    count_records(reader, &end);
    cr_assert(eq(int, fstatat(folder, "journal", &status, 0), 0));
    cr_assert(eq(u64, (uint64_t)status.st_size, end));
    hone_journal_reader_close(reader);
}

Test(journal, is_whole_up_to_a_torn_record) {
    uint64_t offsets[3], end, dropped;
    make_three(offsets);
    /* One byte after the other of the second record is damaged. */
    for (uint64_t at = offsets[1]; at < offsets[1] + HONE_JOURNAL_RECORD_HEADER + 10; at++) {
        if (at - offsets[1] == 6 || at - offsets[1] == 7)
            continue; /* reserved: says nothing */
        char byte, damaged;
        int descriptor = openat(folder, "journal", O_RDONLY);
        cr_assert(eq(sz, (size_t)pread(descriptor, &byte, 1, (off_t)at), 1));
        close(descriptor);
        damaged = (char)(byte ^ 0x40);
        change(at, &damaged, 1);
        struct hone_journal_reader *reader = reader_of();
        cr_assert(eq(int, count_records(reader, &end), 1), "byte %d", (int)(at - offsets[1]));
        cr_assert(eq(u64, end, offsets[1]));
        cr_assert(eq(int, hone_journal_tail(reader, end, &dropped), 0));
        cr_assert(lt(u64, HONE_JOURNAL_RECORD_HEADER, dropped));
        hone_journal_reader_close(reader);
        change(at, &byte, 1);
    }
    struct hone_journal_reader *reader = reader_of();
    cr_assert(eq(int, count_records(reader, &end), 3));
    hone_journal_reader_close(reader);
}

Test(journal, does_not_take_a_record_in_another_place_for_one) {
    uint64_t offsets[3], end;
    char copy[24];
    make_three(offsets);
    int descriptor = openat(folder, "journal", O_RDONLY);
    cr_assert(eq(sz, (size_t)pread(descriptor, copy, sizeof copy, (off_t)offsets[0]), sizeof copy));
    close(descriptor);
    change(offsets[2], copy, sizeof copy);
    struct hone_journal_reader *reader = reader_of();
    cr_assert(eq(int, count_records(reader, &end), 2));
    hone_journal_reader_close(reader);
}

Test(journal, counts_bytes_of_a_record_that_was_never_committed) {
    struct hone_journal *journal = create();
    append(journal, 1, "x", 1);
    void *payload;
    hone_journal_claim(journal, 100, &payload);
    memset(payload, 7, 50);
    struct hone_journal_reader *reader = reader_of();
    uint64_t end, dropped;
    cr_assert(eq(int, count_records(reader, &end), 1));
    cr_assert(eq(int, hone_journal_tail(reader, end, &dropped), 0));
    cr_assert(eq(u64, dropped, HONE_JOURNAL_RECORD_HEADER + 50));
    hone_journal_reader_close(reader);
    hone_journal_close(journal);
}

Test(journal, leaves_no_trace_of_a_claim_given_up) {
    struct hone_journal *journal = create();
    void *payload;
    uint64_t end, dropped;
    hone_journal_claim(journal, 1000, &payload);
    memset(payload, 0xFF, 1000);
    append(journal, 1, "short", 5);
    struct hone_journal_reader *reader = reader_of();
    cr_assert(eq(int, count_records(reader, &end), 1));
    cr_assert(eq(int, hone_journal_tail(reader, end, &dropped), 0));
    cr_assert(eq(u64, dropped, 0));
    hone_journal_reader_close(reader);
    hone_journal_close(journal);
}

Test(journal, refuses_records_without_bounds_and_files_that_are_none) {
    struct hone_journal *journal = create();
    struct hone_journal *second;
    struct hone_journal_reader *reader;
    struct hone_error error;
    void *payload;
    cr_assert(eq(int, hone_journal_claim(journal, HONE_JOURNAL_PAYLOAD_MAX + 1, &payload), -EFBIG));
    cr_assert(eq(int, hone_journal_create(folder, "journal", 1, 1, &second, &error), -EEXIST));
    hone_journal_close(journal);
    change(8, "\x07", 1); /* its version; the header's checksum does not hold any more */
    cr_assert(eq(int, hone_journal_reader_open(folder, "journal", &reader, &error), -EBADMSG));
    change(0, "garbage!", 8);
    cr_assert(eq(int, hone_journal_reader_open(folder, "journal", &reader, &error), -EBADMSG));
    cr_assert(eq(int, hone_journal_reader_open(folder, "nothing", &reader, &error), -ENOENT));
}

static struct hone_record sample_result(void) {
    return (struct hone_record){.kind = HONE_RECORD_RESULT,
                                .result = {.step = 1,
                                           .reward = NAN,
                                           .part_count = 2,
                                           .parts = {1, 2},
                                           .message = {"message", 7},
                                           .feedback = {"feed\0back", 9},
                                           .evidence = {"12345678", 8},
                                           .diagnostics = {"warning", 7},
                                           .repeatable = 1,
                                           .device_ns = 5,
                                           .images = {3, 4}}};
}
#define LATER_FIELDS (4 + 7 + 4 + 8 + 16) /* the diagnostics with their length, and numbers */

Test(journal, decodes_what_it_encoded) {
    struct hone_record record = sample_result(), back;
    uint64_t bytes;
    cr_assert(eq(int, hone_record_size(&record, &bytes), 0));
    char *payload = malloc(bytes);
    hone_record_encode(&record, payload);
    cr_assert(eq(int, hone_record_decode(HONE_RECORD_RESULT, payload, bytes, &back), 0));
    bool nan = isnan(back.result.reward);
    cr_assert(nan);
    cr_assert(eq(u32, back.result.part_count, 2));
    cr_assert(eq(dbl, back.result.parts[1], 2));
    cr_assert(eq(u64, back.result.feedback.size, 9));
    cr_assert(eq(int, memcmp(back.result.feedback.bytes, "feed\0back", 9), 0));
    cr_assert(eq(u64, back.result.evidence.size, 8));
    cr_assert(eq(u64, back.result.diagnostics.size, 7));
    cr_assert(eq(u32, back.result.repeatable, 1));
    cr_assert(eq(u64, back.result.device_ns, 5));
    free(payload);
}

Test(journal, refuses_every_payload_cut_short) {
    struct hone_record record = sample_result(), back;
    uint64_t bytes;
    hone_record_size(&record, &bytes);
    char *whole = malloc(bytes);
    hone_record_encode(&record, whole);
    for (uint64_t size = 0; size < bytes; size++) {
        char *payload = malloc(size + 1); /* exact, so that the sanitizer sees one byte too many */
        memcpy(payload, whole, size);
        int wanted = size == bytes - LATER_FIELDS ? 0 : -EBADMSG; /* as an older version wrote it */
        cr_assert(eq(int, hone_record_decode(HONE_RECORD_RESULT, payload, size, &back), wanted));
        cr_assert(wanted || !back.result.repeatable);
        free(payload);
    }
    free(whole);
}

Test(journal, refuses_kinds_counts_and_sizes_it_cannot_hold) {
    struct hone_record record = sample_result(), back;
    uint64_t bytes;
    char payload[1024] = {0};
    cr_assert(eq(int, hone_record_decode(0, payload, 100, &back), -ENOTSUP));
    cr_assert(eq(int, hone_record_decode(999, payload, 100, &back), -ENOTSUP));
    cr_assert(eq(int, hone_record_decode(HONE_RECORD_REPEAT, payload, 1024, &back), -EBADMSG));
    record.result.part_count = HONE_STORE_PARTS_MAX + 1;
    cr_assert(eq(int, hone_record_size(&record, &bytes), -EINVAL));
    memset(payload + 32, 0xFF, 4); /* part_count */
    cr_assert(eq(int, hone_record_decode(HONE_RECORD_RESULT, payload, 1024, &back), -EBADMSG));
    record = sample_result();
    record.result.message.size = (uint64_t)1 << 32;
    cr_assert(eq(int, hone_record_size(&record, &bytes), -EINVAL));
}
