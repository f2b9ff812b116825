/* Recovery from arbitrary bytes: as a file behind a good header, and as payloads behind a good
 * checksum. */
#include "core/evidence.h"
#include "core/journal.h"
#include "core/store_replay.h"
#include "core/store_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                         \
    do                                                                                             \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory = -1, descriptors;
static char name[16];
static sqlite3 *handle;
static struct hone_rows *rows;

/* A journal's first page, as its writer makes it. */
static void start(void) {
    char folder[] = "/tmp/hone-fuzz-journal-XXXXXX";
    char page[HONE_JOURNAL_START];
    struct hone_journal *journal;
    REQUIRE(mkdtemp(folder));
    int at = open(folder, O_RDONLY | O_DIRECTORY);
    REQUIRE(hone_journal_create(at, "journal", 42, 1, &journal, NULL) == 0);
    hone_journal_close(journal);
    int file = openat(at, "journal", O_RDONLY);
    REQUIRE(read(file, page, sizeof page) == sizeof page);
    close(file);
    unlinkat(at, "journal", 0);
    close(at);
    rmdir(folder);

    memory = memfd_create("journal", MFD_CLOEXEC);
    REQUIRE(write(memory, page, sizeof page) == sizeof page);
    snprintf(name, sizeof name, "%d", memory);
    descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
    REQUIRE(sqlite3_open(":memory:", &handle) == SQLITE_OK);
    REQUIRE(sqlite3_exec(handle, hone_store_schema, NULL, NULL, NULL) == SQLITE_OK);
    REQUIRE(sqlite3_exec(handle, "INSERT INTO run(one, id, applied) VALUES(1, 'x', 0)", NULL, NULL,
                         NULL) == SQLITE_OK);
    REQUIRE(hone_rows_create(handle, &rows) == SQLITE_OK);
}

static int visit(void *context, uint64_t offset, const struct hone_record *record) {
    (void)context;
    REQUIRE(offset % 8 == 0 && record->kind);
    return 0;
}

/* Whatever the bytes: reading ends, moves forward, and stays inside. */
static void read_file(const uint8_t *data, size_t size) {
    struct hone_journal_reader *reader;
    struct hone_journal_entry entry;
    uint64_t offset = HONE_JOURNAL_START, dropped;
    REQUIRE(ftruncate(memory, HONE_JOURNAL_START) == 0);
    REQUIRE(pwrite(memory, data, size, HONE_JOURNAL_START) == (ssize_t)size);
    REQUIRE(hone_journal_reader_open(descriptors, name, &reader, NULL) == 0);
    while (hone_journal_read(reader, offset, &entry) == 1) {
        REQUIRE(entry.next > offset && entry.offset == offset);
        REQUIRE(offset + HONE_JOURNAL_RECORD_HEADER + entry.bytes <= HONE_JOURNAL_START + size);
        offset = entry.next;
    }
    uint64_t end;
    REQUIRE(hone_records_replay(reader, visit, NULL, &end, NULL) == 0 && end == offset);
    REQUIRE(hone_journal_tail(reader, offset, &dropped) == 0);
    REQUIRE(dropped <= size);
    hone_journal_reader_close(reader);
}

static void apply_payload(uint16_t kind, const uint8_t *data, size_t size) {
    struct hone_record record, again;
    uint64_t bytes;
    uint8_t *payload =
        malloc(size ? size : 1); /* exact, so that the sanitizer sees one byte too many */
    REQUIRE(payload);
    memcpy(payload, data, size);
    if (hone_record_decode(kind, payload, size, &record) == 0) {
        REQUIRE(hone_record_size(&record, &bytes) == 0);
        uint8_t *copy = malloc(bytes ? bytes : 1);
        hone_record_encode(&record, copy);
        REQUIRE(memcmp(copy, payload, bytes < size ? bytes : size) == 0);
        for (uint64_t i = size; i < bytes; i++) /* fields that an older one ends before */
            REQUIRE(copy[i] == 0);
        REQUIRE(hone_record_decode(kind, copy, bytes, &again) == 0);
        free(copy);
        sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL);
        int code = hone_rows_apply(rows, &record);
        REQUIRE(code == SQLITE_OK || code == SQLITE_MISMATCH || (code & 0xFF) == SQLITE_CONSTRAINT);
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
    }
    free(payload);
}

/* Evidence as hostile as it gets while its own sizes are right. */
static void apply_evidence(const uint8_t *data, size_t size) {
    size &= ~(size_t)7;
    struct hone_evidence *evidence = malloc(size ? size : 1);
    REQUIRE(evidence);
    memcpy(evidence, data, size);
    if (size >= sizeof *evidence) {
        evidence->size = sizeof *evidence;
        evidence->bytes = (uint32_t)size;
        if (!hone_evidence_check(evidence, size, NULL)) {
            struct hone_record record = {.kind = HONE_RECORD_RESULT,
                                         .result = {.step = 1,
                                                    .message = hone_slice(""),
                                                    .feedback = hone_slice(NULL),
                                                    .evidence = {(const char *)evidence, size}}};
            sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL);
            REQUIRE(hone_rows_apply(rows, &record) == SQLITE_OK);
            sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
        }
    }
    free(evidence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (memory < 0)
        start();
    if (size < 1)
        return 0;
    if (data[0] == 0)
        read_file(data + 1, size - 1);
    else if (data[0] % 16 == 15)
        apply_evidence(data + 1, size - 1);
    else
        apply_payload(data[0] % 16, data + 1, size - 1);
    return 0;
}
