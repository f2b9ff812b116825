/* store_fixture.h - a store in a folder of its own, what goes into it, and questions to its
 * database. */
#ifndef HONE_TESTS_STORE_FIXTURE_H
#define HONE_TESTS_STORE_FIXTURE_H

#include "core/error.h"
#include "core/log.h"
#include "core/store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static inline int remove_one(const char *path, const struct stat *status, int type,
                             struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static inline void make_root(void) {
    strcpy(root, "/tmp/hone-test-store-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    hone_log_level(HONE_LOG_ERROR);
}

static inline void remove_root(void) {
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct hone_run_facts test_facts = {
    "test",
    "{\"rewards\":[{\"name\":\"speedup\",\"weight\":1},{\"name\":\"bonus\",\"weight\":2}]}"};

static inline struct hone_store *create(void) {
    struct hone_store *store;
    struct hone_error error = {""};
    int failed = hone_store_create(root, &test_facts, false, &store, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return store;
}

static inline struct hone_run *open_run(const char *name) {
    struct hone_run *run;
    struct hone_error error = {""};
    int failed = hone_run_open(root, name, &run, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return run;
}

/* The first column of the first row as text; "NULL" for NULL, "" for no row. */
static inline const char *ask(struct hone_run *run, const char *sql) {
    static char answer[4096];
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(hone_run_database(run), sql, -1, &statement, NULL);
    cr_assert(eq(int, code, SQLITE_OK), "%s", sqlite3_errmsg(hone_run_database(run)));
    answer[0] = '\0';
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        snprintf(answer, sizeof answer, "%s", text ? text : "NULL");
    }
    sqlite3_finalize(statement);
    return answer;
}

#define ANSWERS(run, sql, wanted)                                                                  \
    cr_assert(eq(str, (char *)ask(run, sql), (char *)(wanted)), "%s", sql)

struct block {
    struct hone_evidence evidence;
    struct hone_workload_row workloads[2];
    struct hone_finding finding;
};

static inline struct block passed(double speedup) {
    struct block block = {
        .evidence = {.size = sizeof(struct hone_evidence),
                     .version = HONE_EVIDENCE_VERSION,
                     .bytes = sizeof(struct block),
                     .verdict = HONE_PASSED,
                     .stages = 1u << HONE_STAGE_COMPILE,
                     .speedup = speedup,
                     .speedup_low = speedup - 0.1,
                     .speedup_high = speedup + 0.1,
                     .kernel_ns = 1000,
                     .baseline_ns = 1000 * speedup,
                     .noise = NAN,
                     .coverage = 1,
                     .roofline_ns = NAN,
                     .roofline_fraction = NAN,
                     .baseline_count = 1,
                     .baseline_name = {"tuned"},
                     .device = "cpu",
                     .workload_offset = offsetof(struct block, workloads),
                     .workload_count = 2,
                     .workload_size = sizeof(struct hone_workload_row),
                     .finding_offset = offsetof(struct block, finding),
                     .finding_count = 1,
                     .finding_size = sizeof(struct hone_finding)},
        .workloads = {{.id = "small",
                       .set = HONE_BENCH,
                       .verdict = HONE_PASSED,
                       .axis_count = 2,
                       .axes = {64, 128},
                       .baseline_count = 1,
                       .baseline_ns = {2000},
                       .kernel_ns = 1000,
                       .speedup = 2,
                       .max_error = INFINITY},
                      {.set = HONE_HIDDEN, .verdict = HONE_PASSED, .kernel_ns = NAN}},
        .finding = {.rule = "lazy", .severity = HONE_WARN, .line = 3, .text = "bad \xFF byte"},
    };
    block.evidence.stage_ns[HONE_STAGE_COMPILE] = 777;
    return block;
}

static inline int add_action(struct hone_store *store, uint64_t step, const char *source) {
    struct hone_action_record action = {.step = step,
                                        .episode = 1,
                                        .node = step,
                                        .parent = step - 1,
                                        .token = 0xF000000000000001u,
                                        .turn = (uint32_t)step,
                                        .task = "dl/softmax",
                                        .task_hash = "0123",
                                        .language = "c",
                                        .options = "",
                                        .source = source,
                                        .source_bytes = strlen(source),
                                        .seed = 7,
                                        .time_ns = 1000};
    return hone_store_action(store, &action);
}

static inline int add_result(struct hone_store *store, uint64_t step, double reward,
                             const char *message) {
    struct block block = passed(2);
    struct hone_result_record result = {.step = step,
                                        .evidence = &block.evidence,
                                        .reward = reward,
                                        .part_count = 2,
                                        .parts = (double[]){reward, NAN},
                                        .message = message,
                                        .feedback = "feedback",
                                        .time_ns = 2000};
    return hone_store_result(store, &result);
}

static inline struct hone_store *go_on(const char *path) {
    struct hone_store *store;
    struct hone_error error = {""};
    int failed = hone_store_continue(path, &test_facts, false, &store, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return store;
}

static inline void database_path(char path[512], const char *run, const char *file) {
    snprintf(path, 512, "%s/%s/%s", root, run, file);
}

static inline void overwrite(const char *path, off_t offset, const void *bytes, size_t size) {
    int descriptor = open(path, O_WRONLY);
    cr_assert(ge(int, descriptor, 0));
    cr_assert(eq(sz, (size_t)pwrite(descriptor, bytes, size, offset), size));
    close(descriptor);
}

static inline void make_two_steps(char name[256]) {
    struct hone_store *store = create();
    add_action(store, 1, "x");
    add_result(store, 1, 1, "one");
    add_action(store, 2, "y");
    add_result(store, 2, 2, "two");
    snprintf(name, 256, "%s", hone_store_name(store));
    hone_store_destroy(store);
}

#endif
