#include "core/journal.h"

#include "core/error.h"
#include "core/folders.h"
#include "core/journal_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_LEAST (UINT64_C(256) << 10)
#define JUMP_LEAST (UINT64_C(8) << 10)

/* A piece of the file, read ahead. */
struct hone_journal_reader {
    int descriptor;
    uint64_t id;
    int64_t created_ns;
    char *window;
    uint64_t capacity;
    uint64_t offset, bytes; /* what the window holds */
};

/* As many of `bytes` bytes as the file has. */
static int64_t read_at(int descriptor, void *to, uint64_t bytes, uint64_t offset) {
    uint64_t got = 0;
    while (got < bytes) {
        ssize_t step = pread(descriptor, (char *)to + got, bytes - got, (off_t)(offset + got));
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return -errno;
        if (step == 0)
            break;
        got += (uint64_t)step;
    }
    return (int64_t)got;
}

/* Make the window hold `bytes` bytes at `offset`. 1: it does; 0: the file has fewer. `fresh` reads
 * again what was read before: a live writer may have filled it meanwhile. */
static int look(struct hone_journal_reader *reader, uint64_t offset, uint64_t bytes, bool fresh) {
    bool held = offset >= reader->offset && offset - reader->offset <= reader->bytes &&
                reader->bytes - (offset - reader->offset) >= bytes;
    if (held && !fresh)
        return 1;
    /* Who goes on where the window ends reads on; who jumps may jump again. */
    bool onward =
        !reader->bytes || (offset >= reader->offset && offset - reader->offset <= reader->bytes);
    uint64_t least = onward ? WINDOW_LEAST : JUMP_LEAST;
    uint64_t wanted = bytes < least ? least : bytes;
    if (wanted > reader->capacity) {
        char *window = realloc(reader->window, wanted);
        if (!window)
            return -ENOMEM;
        reader->window = window;
        reader->capacity = wanted;
    }
    reader->bytes = 0;
    int64_t got = read_at(reader->descriptor, reader->window, wanted, offset);
    if (got < 0)
        return (int)got;
    reader->offset = offset;
    reader->bytes = (uint64_t)got;
    return reader->bytes >= bytes;
}

/* The record at `offset` if the window can show it whole. */
static int look_record(struct hone_journal_reader *reader, uint64_t offset, bool fresh,
                       struct hone_journal_entry *entry) {
    int found = look(reader, offset, HONE_JOURNAL_RECORD_HEADER, fresh);
    if (found <= 0)
        return found;
    struct {
        uint32_t length;
        uint16_t kind, reserved;
        uint64_t checksum;
    } header;
    _Static_assert(sizeof header == HONE_JOURNAL_RECORD_HEADER, "a copy of a record's header");
    memcpy(&header, reader->window + (offset - reader->offset), sizeof header);
    if (header.length < HONE_JOURNAL_RECORD_HEADER ||
        header.length - HONE_JOURNAL_RECORD_HEADER > HONE_JOURNAL_PAYLOAD_MAX)
        return 0;
    /* The length may be garbage: do not allocate for it what the file cannot hold. */
    struct stat status;
    if (header.length > reader->capacity && fstat(reader->descriptor, &status))
        return -errno;
    if (header.length > reader->capacity &&
        ((uint64_t)status.st_size < offset || (uint64_t)status.st_size - offset < header.length))
        return 0;
    found = look(reader, offset, header.length, false);
    if (found <= 0)
        return found;
    const char *record = reader->window + (offset - reader->offset);
    if (header.checksum != journal_checksum(reader->id, offset, header.kind, header.length,
                                            record + HONE_JOURNAL_RECORD_HEADER))
        return 0;
    *entry = (struct hone_journal_entry){
        .offset = offset,
        .next = offset + journal_padded(header.length),
        .kind = header.kind,
        .bytes = header.length - HONE_JOURNAL_RECORD_HEADER,
        .payload = record + HONE_JOURNAL_RECORD_HEADER,
    };
    return 1;
}

int hone_journal_read(struct hone_journal_reader *reader, uint64_t offset,
                      struct hone_journal_entry *entry) {
    if (offset < HONE_JOURNAL_START || offset % 8 || offset > INT64_MAX / 2)
        return 0;
    int found = look_record(reader, offset, false, entry);
    return found ? found : look_record(reader, offset, true, entry);
}

int hone_journal_tail(struct hone_journal_reader *reader, uint64_t offset, uint64_t *bytes) {
    *bytes = 0;
    for (uint64_t at = offset;;) {
        int found = look(reader, at, 1, true);
        if (found <= 0)
            return found;
        for (uint64_t i = 0; i < reader->bytes; i++)
            if (reader->window[i])
                *bytes = at + i + 1 - offset;
        at += reader->bytes;
    }
}

bool hone_journal_reader_is_ours(const struct hone_journal_reader *reader) {
    return hone_is_ours_alone(reader->descriptor);
}

uint64_t hone_journal_reader_id(const struct hone_journal_reader *reader) {
    return reader->id;
}

int64_t hone_journal_reader_created(const struct hone_journal_reader *reader) {
    return reader->created_ns;
}

static int read_header(struct hone_journal_reader *reader, struct hone_error *error) {
    struct journal_header header;
    int64_t got = read_at(reader->descriptor, &header, sizeof header, 0);
    if (got < 0)
        return hone_fail(error, (int)got, "cannot read the journal: %s", strerror((int)-got));
    if (got < (int64_t)sizeof header || memcmp(header.magic, JOURNAL_MAGIC, sizeof header.magic) ||
        header.checksum != journal_header_checksum(&header))
        return hone_fail(error, -EBADMSG,
                         "this is not a journal: its first %zu bytes are no header", sizeof header);
    if (header.version != HONE_JOURNAL_VERSION || header.start != HONE_JOURNAL_START)
        return hone_fail(
            error, -EPROTONOSUPPORT,
            "the journal has version %u and this program reads version %u; use the hone "
            "that wrote it",
            header.version, HONE_JOURNAL_VERSION);
    reader->id = header.id;
    reader->created_ns = header.created_ns;
    return 0;
}

int hone_journal_reader_open(int folder, const char *name, struct hone_journal_reader **out,
                             struct hone_error *error) {
    struct hone_journal_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return hone_fail(error, -ENOMEM, "out of memory");
    int failed;
    struct stat status;
    /* Runs of others may lie beside ours: a pipe of theirs is not waited for. */
    reader->descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reader->descriptor < 0 || fstat(reader->descriptor, &status))
        failed = hone_fail(error, -errno, "cannot open the journal: %s", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        failed = hone_fail(error, -EBADMSG, "the journal is no file");
    else
        failed = read_header(reader, error);
    if (failed) {
        hone_journal_reader_close(reader);
        return failed;
    }
    *out = reader;
    return 0;
}

void hone_journal_reader_close(struct hone_journal_reader *reader) {
    if (!reader)
        return;
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    free(reader->window);
    free(reader);
}
