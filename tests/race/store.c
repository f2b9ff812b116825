/* Appends, the writer thread and readers at once, under TSan: exit status 0 and no report. */
#include "core/log.h"
#include "core/store.h"

#include <ftw.h>
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS 20000

static char root[] = "/tmp/hone-race-store-XXXXXX";
static atomic_int done;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static long count_results(const char *name) {
    struct hone_run *run;
    struct hone_error error;
    sqlite3_stmt *statement;
    if (hone_run_open(root, name, &run, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    sqlite3_prepare_v2(hone_run_database(run), "SELECT count(*) FROM results", -1, &statement,
                       NULL);
    long count =
        sqlite3_step(statement) == SQLITE_ROW ? (long)sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    hone_run_close(run);
    return count;
}

static void *read_along(void *name) {
    long before = 0;
    while (!atomic_load(&done)) {
        long now = count_results(name);
        if (now < before) {
            fprintf(stderr, "results went from %ld to %ld\n", before, now);
            exit(1);
        }
        before = now;
    }
    return NULL;
}

static int add_step(struct hone_store *store, uint64_t step) {
    char source[3000];
    memset(source, 'a', sizeof source);
    snprintf(source, sizeof source, "%d", (int)(step / 4)); /* three of four are known */
    struct hone_evidence evidence = {.size = sizeof evidence, .version = HONE_EVIDENCE_VERSION, .bytes = sizeof evidence};
    struct hone_action_record action = {.step = step,
                                        .node = step,
                                        .episode = 1,
                                        .task = "t",
                                        .source = source,
                                        .source_bytes = sizeof source};
    struct hone_result_record result = {.step = step, .repeats = step % 4 ? 1 : 0, .reward = NAN};
    if (step % 4 == 0 || step == 1)
        result.evidence = &evidence;
    int failed = hone_store_action(store, &action);
    return failed ? failed : hone_store_result(store, &result);
}

int main(void) {
    struct hone_store *store;
    struct hone_error error;
    struct hone_run_facts facts = {"race", "{}"};
    pthread_t reader;
    char name[256];
    int failed = !mkdtemp(root) || hone_store_create(root, &facts, false, &store, &error);
    if (failed)
        return 1;
    hone_log_level(HONE_LOG_ERROR);
    snprintf(name, sizeof name, "%s", hone_store_name(store));
    pthread_create(&reader, NULL, read_along, name);
    for (uint64_t step = 1; step <= STEPS && !failed; step++) {
        failed = add_step(store, step);
        /* Now and then let the writer fall asleep, so that waking it is exercised too. */
        if (step % 5000 == 0)
            nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 300000000}, NULL);
    }
    atomic_store(&done, 1);
    pthread_join(reader, NULL);
    hone_store_destroy(store);
    long count = count_results(name);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    if (failed || count != STEPS) {
        fprintf(stderr, "error %d, %ld of %d results\n", failed, count, STEPS);
        return 1;
    }
    puts("store: no race seen");
    return 0;
}
