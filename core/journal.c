#include "core/journal.h"

#include "core/error.h"
#include "core/journal_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Address space is reserved once, so that the mapping grows in place and pointers stay. */
#define RESERVED_BYTES (UINT64_C(64) << 30)
#define CHUNK_LEAST (UINT64_C(1) << 20)
#define CHUNK_MOST (UINT64_C(16) << 20)
#define PAGE_ROUND (UINT64_C(64) << 10) /* a multiple of every page size in use */

struct hone_journal {
    int descriptor;
    uint64_t id;
    char *base;
    uint64_t position; /* the appending thread's copy of `end` */
    uint64_t claimed;  /* payload bytes */
    _Atomic uint64_t end;
    _Atomic uint64_t mapped;
    pthread_mutex_t growing;
};

/* A file-size limit would kill the process by SIGXFSZ; here it is a full disk like any other. */
static int allocate(int descriptor, uint64_t offset, uint64_t bytes) {
    sigset_t limit, before;
    sigemptyset(&limit);
    sigaddset(&limit, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &limit, &before);
    int failed;
    do
        failed = posix_fallocate(descriptor, (off_t)offset, (off_t)bytes);
    while (failed == EINTR);
    if (failed == EFBIG && !sigismember(&before, SIGXFSZ))
        sigtimedwait(&limit, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == EFBIG || failed == EDQUOT ? -ENOSPC : -failed;
}

static int map_chunk(struct hone_journal *journal, uint64_t mapped, uint64_t bytes) {
    int failed = allocate(journal->descriptor, mapped, bytes);
    if (failed)
        return failed;
    void *chunk = mmap(journal->base + mapped, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_FIXED, journal->descriptor, (off_t)mapped);
    if (chunk == MAP_FAILED)
        return -errno;
    atomic_store_explicit(&journal->mapped, mapped + bytes, memory_order_release);
    return 0;
}

/* Map at least up to `needed`, in chunks; on a nearly full disk, the least that will do. */
static int grow(struct hone_journal *journal, uint64_t needed, uint64_t chunk) {
    int failed = 0;
    pthread_mutex_lock(&journal->growing);
    uint64_t mapped = atomic_load_explicit(&journal->mapped, memory_order_relaxed);
    if (needed > RESERVED_BYTES) {
        failed = -EFBIG;
    } else if (needed > mapped) {
        uint64_t least = (needed - mapped + PAGE_ROUND - 1) / PAGE_ROUND * PAGE_ROUND;
        chunk = chunk < least ? least : chunk;
        chunk = chunk > RESERVED_BYTES - mapped ? RESERVED_BYTES - mapped : chunk;
        failed = map_chunk(journal, mapped, chunk);
        if (failed == -ENOSPC && least < chunk)
            failed = map_chunk(journal, mapped, least);
    }
    pthread_mutex_unlock(&journal->growing);
    return failed;
}

int hone_journal_claim(struct hone_journal *journal, uint64_t bytes, void **payload) {
    if (bytes > HONE_JOURNAL_PAYLOAD_MAX)
        return -EFBIG;
    /* Room for a zero length word behind the record too: that is where readers stop. */
    uint64_t needed = journal->position + 2 * HONE_JOURNAL_RECORD_HEADER + journal_padded(bytes);
    if (needed > atomic_load_explicit(&journal->mapped, memory_order_acquire)) {
        int failed = grow(journal, needed, CHUNK_LEAST);
        if (failed)
            return failed;
    }
    /* A claim given up may have left bytes behind. */
    if (journal->claimed) {
        memset(journal->base + journal->position, 0,
               HONE_JOURNAL_RECORD_HEADER + journal_padded(journal->claimed));
    }
    journal->claimed = bytes;
    *payload = journal->base + journal->position + HONE_JOURNAL_RECORD_HEADER;
    return 0;
}

uint64_t hone_journal_commit(struct hone_journal *journal, uint16_t kind) {
    uint64_t offset = journal->position;
    struct journal_record *record = (void *)(journal->base + offset);
    uint32_t length = (uint32_t)(HONE_JOURNAL_RECORD_HEADER + journal->claimed);
    record->kind = kind;
    record->checksum = journal_checksum(journal->id, offset, kind, length, record + 1);
    atomic_store_explicit(&record->length, length, memory_order_release);
    journal->position = offset + journal_padded(length);
    journal->claimed = 0;
    atomic_store(&journal->end, journal->position);
    return offset;
}

uint64_t hone_journal_end(const struct hone_journal *journal) {
    return atomic_load(&journal->end);
}

const void *hone_journal_payload(const struct hone_journal *journal, uint64_t offset) {
    return journal->base + offset + HONE_JOURNAL_RECORD_HEADER;
}

/* Chunks grow with the journal. A failure is met again, and answered for, by the claim that needs
 * the room. */
void hone_journal_ahead(struct hone_journal *journal) {
    uint64_t mapped = atomic_load_explicit(&journal->mapped, memory_order_acquire);
    uint64_t chunk = mapped / 4 / CHUNK_LEAST * CHUNK_LEAST;
    chunk = chunk < CHUNK_LEAST ? CHUNK_LEAST : chunk > CHUNK_MOST ? CHUNK_MOST : chunk;
    if (mapped - atomic_load(&journal->end) >= chunk / 2)
        return;
    if (grow(journal, mapped + 1, chunk))
        return;
    /* Page faults here instead of in the middle of appends; kernels before 5.14 cannot, and need
     * not. */
    uint64_t grown = atomic_load_explicit(&journal->mapped, memory_order_acquire);
    (void)madvise(journal->base + mapped, grown - mapped, MADV_POPULATE_WRITE);
}

int hone_journal_sync(struct hone_journal *journal) {
    return fdatasync(journal->descriptor) ? -errno : 0;
}

static int reserve(struct hone_journal *journal, struct hone_error *error) {
    void *base =
        mmap(NULL, RESERVED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return hone_fail(
            error, -errno,
            "cannot reserve 64 GiB of address space for the journal: %s; raise ulimit -v",
            strerror(errno));
    journal->base = base;
    int failed = grow(journal, journal->position + 2 * HONE_JOURNAL_RECORD_HEADER, CHUNK_LEAST);
    return failed ? hone_fail(error, failed, "cannot allocate the journal's first chunk: %s",
                              strerror(-failed))
                  : 0;
}

static int start(struct hone_journal *journal, int folder, const char *name, int64_t created_ns,
                 struct hone_error *error) {
    journal->descriptor = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (journal->descriptor < 0)
        return hone_fail(error, -errno, "cannot create the journal: %s", strerror(errno));
    int failed = reserve(journal, error);
    if (failed)
        return failed;
    struct journal_header header = {.version = HONE_JOURNAL_VERSION,
                                    .start = HONE_JOURNAL_START,
                                    .id = journal->id,
                                    .created_ns = created_ns};
    memcpy(header.magic, JOURNAL_MAGIC, sizeof header.magic);
    header.checksum = journal_header_checksum(&header);
    memcpy(journal->base, &header, sizeof header);
    return 0;
}

static int go_on(struct hone_journal *journal, int folder, const char *name,
                 struct hone_error *error) {
    journal->descriptor = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (journal->descriptor < 0)
        return hone_fail(error, -errno, "cannot open the journal: %s", strerror(errno));
    if (ftruncate(journal->descriptor, (off_t)journal->position))
        return hone_fail(error, -errno, "cannot cut off the journal's torn end: %s",
                         strerror(errno));
    return reserve(journal, error);
}

static struct hone_journal *prepare(uint64_t id, uint64_t position) {
    struct hone_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return NULL;
    journal->id = id;
    journal->position = position;
    journal->descriptor = -1;
    atomic_init(&journal->end, position);
    pthread_mutex_init(&journal->growing, NULL);
    return journal;
}

int hone_journal_create(int folder, const char *name, uint64_t id, int64_t created_ns,
                        struct hone_journal **out, struct hone_error *error) {
    struct hone_journal *journal = prepare(id, HONE_JOURNAL_START);
    if (!journal)
        return hone_fail(error, -ENOMEM, "out of memory");
    int failed = start(journal, folder, name, created_ns, error);
    if (failed)
        hone_journal_close(journal);
    else
        *out = journal;
    return failed;
}

int hone_journal_continue(int folder, const char *name, uint64_t id, uint64_t end,
                          struct hone_journal **out, struct hone_error *error) {
    struct hone_journal *journal = prepare(id, end);
    if (!journal)
        return hone_fail(error, -ENOMEM, "out of memory");
    int failed = go_on(journal, folder, name, error);
    if (failed)
        hone_journal_close(journal);
    else
        *out = journal;
    return failed;
}

void hone_journal_close(struct hone_journal *journal) {
    if (!journal)
        return;
    if (journal->base)
        munmap(journal->base, RESERVED_BYTES);
    if (journal->descriptor >= 0) {
        /* Room that could not be given back costs disk space only. */
        int ignored = ftruncate(journal->descriptor, (off_t)journal->position);
        (void)ignored;
        close(journal->descriptor);
    }
    pthread_mutex_destroy(&journal->growing);
    free(journal);
}
