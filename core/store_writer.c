#include "core/store_writer.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/store_sql.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GATHER_NS 100000000 /* how long a batch is gathered: the price of a commit is per batch */
#define RETRY_NS 1000000000
#define SYNC_NS 1000000000 /* what power loss may cost */

struct hone_store_writer {
    const char *folder;
    struct hone_journal *journal;
    uint64_t run_id;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool stopping; /* under the lock */
    atomic_bool asleep;

    /* The thread's own. */
    struct hone_journal_reader *reader;
    struct hone_database *database;
    uint64_t applied, synced;
    int64_t synced_ns;
    bool complained;
};

static void complain(struct hone_store_writer *writer, const char *what) {
    if (!writer->complained)
        hone_log(HONE_LOG_ERROR,
                 "run %s: %s; steps go on being recorded in its journal, the database follows when "
                 "it can",
                 writer->folder, what);
    writer->complained = true;
}

/* Apply up to `end`. False: it did not work, try later. */
static bool apply(struct hone_store_writer *writer, uint64_t end) {
    struct hone_error error = {""};
    int more = 0;
    if (!writer->database)
        more = hone_database_open(writer->folder, writer->run_id, &writer->database, &error);
    while (more >= 0 && writer->applied < end) {
        more = hone_database_apply(writer->database, writer->reader, end, &error);
        if (more < 0 || hone_database_applied(writer->database, &writer->applied, &error))
            break;
        hone_journal_ahead(writer->journal);
        if (more == 0 && writer->applied < end) {
            complain(writer, "its own journal cannot be read back");
            return false;
        }
    }
    if (more < 0) {
        complain(writer, error.text);
        /* A connection that met an I/O error may not recover; the next try begins anew. */
        hone_database_close(writer->database);
        writer->database = NULL;
        return false;
    }
    if (writer->complained)
        hone_log(HONE_LOG_INFO, "run %s: the database has caught up", writer->folder);
    writer->complained = false;
    return true;
}

static void sync_now_and_then(struct hone_store_writer *writer, uint64_t end) {
    int64_t now = (int64_t)hone_now_ns();
    if (writer->synced == end || now - writer->synced_ns < SYNC_NS)
        return;
    (void)hone_journal_sync(writer->journal);
    writer->synced = end;
    writer->synced_ns = now;
}

/* True when stopping. The lock is held. */
static bool wait_until(struct hone_store_writer *writer, int64_t until_ns) {
    struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
    while (!writer->stopping &&
           pthread_cond_timedwait(&writer->woken, &writer->lock, &until) != ETIMEDOUT)
        ;
    return writer->stopping;
}

/* Sleep until the journal is longer than `seen`. An appender stores the end and then looks at
 * `asleep`; here it is the other way round, so that one of the two always sees the other. */
static bool sleep_until_grown(struct hone_store_writer *writer, uint64_t seen) {
    atomic_store(&writer->asleep, true);
    while (!writer->stopping && hone_journal_end(writer->journal) == seen)
        pthread_cond_wait(&writer->woken, &writer->lock);
    atomic_store(&writer->asleep, false);
    return writer->stopping;
}

static void *work(void *argument) {
    struct hone_store_writer *writer = argument;
    bool stopping = false;
    while (!stopping) {
        hone_journal_ahead(writer->journal);
        uint64_t end = hone_journal_end(writer->journal);
        bool good = apply(writer, end);
        sync_now_and_then(writer, end);
        pthread_mutex_lock(&writer->lock);
        if (!good)
            stopping = wait_until(writer, (int64_t)hone_now_ns() + RETRY_NS);
        else if (writer->synced != end)
            stopping = wait_until(writer, (int64_t)hone_now_ns() + GATHER_NS);
        else
            stopping = sleep_until_grown(writer, end) ||
                       wait_until(writer, (int64_t)hone_now_ns() + GATHER_NS);
        pthread_mutex_unlock(&writer->lock);
    }
    apply(writer, hone_journal_end(writer->journal));
    (void)hone_journal_sync(writer->journal);
    return NULL;
}

void hone_store_writer_wake(struct hone_store_writer *writer) {
    if (!atomic_load(&writer->asleep))
        return;
    pthread_mutex_lock(&writer->lock);
    pthread_cond_signal(&writer->woken);
    pthread_mutex_unlock(&writer->lock);
}

static int start_thread(struct hone_store_writer *writer) {
    /* Signals are the supervisor's business. */
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    int failed = pthread_create(&writer->thread, NULL, work, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -failed;
}

int hone_store_writer_create(const char *folder, int folder_descriptor,
                             struct hone_journal *journal, uint64_t run_id,
                             struct hone_store_writer **out, struct hone_error *error) {
    struct hone_store_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return hone_fail(error, -ENOMEM, "out of memory");
    writer->folder = folder;
    writer->journal = journal;
    writer->run_id = run_id;
    writer->synced_ns = (int64_t)hone_now_ns();
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed =
        hone_journal_reader_open(folder_descriptor, HONE_JOURNAL_FILE, &writer->reader, error);
    if (!failed) {
        failed = start_thread(writer);
        if (failed)
            hone_fail(error, failed, "cannot start the store's writer: %s", strerror(-failed));
    }
    if (failed) {
        hone_journal_reader_close(writer->reader);
        free(writer);
        return failed;
    }
    *out = writer;
    return 0;
}

void hone_store_writer_destroy(struct hone_store_writer *writer) {
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->woken);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    hone_database_close(writer->database);
    hone_journal_reader_close(writer->reader);
    pthread_cond_destroy(&writer->woken);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
