#include "core/store.h"

#include "core/error.h"
#include "core/journal.h"
#include "core/log.h"
#include "core/recall.h"
#include "core/store_sql.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char root[64];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void make_root(void) {
    strcpy(root, "/tmp/hone-test-store-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    hone_log_level(HONE_LOG_ERROR);
}

static void remove_root(void) {
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(store, .init = make_root, .fini = remove_root, .timeout = 60);

static struct hone_store *create(void) {
    struct hone_store *store;
    struct hone_error error = {""};
    struct hone_run_facts facts = {
        "test",
        "{\"rewards\":[{\"name\":\"speedup\",\"weight\":1},{\"name\":\"bonus\",\"weight\":2}]}"};
    int failed = hone_store_create(root, &facts, false, &store, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return store;
}

static struct hone_run *open_run(const char *name) {
    struct hone_run *run;
    struct hone_error error = {""};
    int failed = hone_run_open(root, name, &run, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return run;
}

/* The first column of the first row as text; "NULL" for NULL, "" for no row. */
static const char *ask(struct hone_run *run, const char *sql) {
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

static struct block passed(double speedup) {
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

static int add_action(struct hone_store *store, uint64_t step, const char *source) {
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

static int add_result(struct hone_store *store, uint64_t step, double reward, const char *message) {
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

Test(store, tells_a_finished_run_in_full) {
    struct hone_store *store = create();
    struct hone_episode_record episode = {
        .episode = 1, .task = "dl/softmax", .group = "g", .seed = 0xAB, .time_ns = 1};
    cr_assert(eq(int, hone_store_episode_begin(store, &episode), 0));
    cr_assert(eq(int, add_action(store, 1, "void solve(void) {}"), 0));
    cr_assert(eq(int, add_result(store, 1, 1.5, "fine"), 0));
    episode.truncated = true;
    episode.why = "turns";
    cr_assert(eq(int, hone_store_episode_end(store, &episode), 0));
    hone_store_destroy(store);

    struct hone_run *run = open_run("last");
    cr_assert(eq(int, (int)hone_run_state(run), HONE_RUN_FINISHED));
    ANSWERS(run, "SELECT name FROM run", "test");
    ANSWERS(run, "SELECT unread_records FROM run", "0");
    ANSWERS(run, "SELECT task || why || truncated || seed FROM episodes WHERE id = 1",
            "dl/softmaxturns100000000000000ab");
    ANSWERS(run, "SELECT text FROM sources", "void solve(void) {}");
    ANSWERS(run, "SELECT token FROM steps", "f000000000000001");
    ANSWERS(run, "SELECT parent FROM nodes WHERE id = 1", "NULL");
    ANSWERS(run, "SELECT verdict || cached || speedup || message FROM outcomes", "passed02.0fine");
    ANSWERS(run, "SELECT stages FROM results", "{\"compile\":777}");
    ANSWERS(run, "SELECT axes || baselines FROM measurements WHERE row = 0",
            "[64,128]{\"tuned\":2000.0}");
    ANSWERS(run, "SELECT max_error FROM measurements WHERE row = 0", "NULL");
    ANSWERS(run, "SELECT workload_set FROM measurements WHERE workload IS NULL", "hidden");
    ANSWERS(run, "SELECT severity || line || text FROM findings", "warn3bad ? byte");
    ANSWERS(run, "SELECT group_concat(name) FROM rewards", "speedup,bonus");
    ANSWERS(run, "SELECT value FROM rewards WHERE part = 1", "NULL");
    hone_run_close(run);
}

Test(store, gives_evidence_back_byte_for_byte) {
    struct hone_store *store = create();
    add_action(store, 1, "x");
    add_result(store, 1, 0, "");
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    sqlite3_stmt *statement;
    sqlite3_prepare_v2(hone_run_database(run), "SELECT evidence FROM results", -1, &statement,
                       NULL);
    cr_assert(eq(int, sqlite3_step(statement), SQLITE_ROW));
    struct block wanted = passed(2);
    cr_assert(eq(int, sqlite3_column_bytes(statement, 0), (int)sizeof wanted));
    int different = memcmp(sqlite3_column_blob(statement, 0), &wanted, sizeof wanted);
    cr_assert(eq(int, different, 0));
    sqlite3_finalize(statement);
    hone_run_close(run);
}

Test(store, stores_a_reward_that_is_no_number_as_null) {
    struct hone_store *store = create();
    add_action(store, 1, "x");
    add_result(store, 1, NAN, "");
    add_action(store, 2, "x");
    add_result(store, 2, INFINITY, "");
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT count(*) FROM results WHERE reward IS NULL", "2");
    hone_run_close(run);
}

Test(store, makes_hostile_text_valid_and_keeps_hostile_sources_as_bytes) {
    struct hone_store *store = create();
    add_action(store, 1, "\xFF\xFE kernel");
    add_result(store, 1, 0, "\xC0\x80\xED\xA0\x80 end");
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT message FROM results", "????? end");
    ANSWERS(run, "SELECT typeof(text) || hex(text) FROM sources", "blobFFFE206B65726E656C");
    hone_run_close(run);
}

static uint64_t journal_bytes(const struct hone_store *store) {
    char path[512];
    struct hone_journal_reader *reader;
    struct hone_journal_entry entry;
    snprintf(path, sizeof path, "%s", hone_store_path(store));
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    cr_assert(eq(int, hone_journal_reader_open(folder, HONE_JOURNAL_FILE, &reader, NULL), 0));
    uint64_t end = HONE_JOURNAL_START;
    while (hone_journal_read(reader, end, &entry) == 1)
        end = entry.next;
    hone_journal_reader_close(reader);
    close(folder);
    return end;
}

Test(store, spends_at_most_128_bytes_on_a_cached_result) {
    struct hone_store *store = create();
    add_action(store, 1, "same");
    add_result(store, 1, 1, "told once");
    add_action(store, 2, "same");
    uint64_t before = journal_bytes(store);
    double parts[10] = {0.5, 0.25};
    struct hone_result_record repeat = {.step = 2,
                                        .repeats = 1,
                                        .reward = 0.75,
                                        .part_count = 10,
                                        .parts = parts,
                                        .message = "not stored again",
                                        .time_ns = 5};
    cr_assert(eq(int, hone_store_result(store, &repeat), 0));
    cr_assert(le(u64, journal_bytes(store) - before, 128));
    hone_store_destroy(store);

    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT verdict || cached || repeats || reward FROM results WHERE step = 2",
            "passed110.75");
    ANSWERS(run, "SELECT message || evidence_step FROM outcomes WHERE step = 2", "told once1");
    ANSWERS(run, "SELECT sum(value) FROM rewards WHERE step = 2", "0.75");
    ANSWERS(run, "SELECT count(*) FROM measurements WHERE step = 2", "0");
    hone_run_close(run);
}

Test(store, stores_a_source_sent_again_once) {
    struct hone_store *store = create();
    static char large[100000];
    memset(large, 'a', sizeof large - 1);
    add_action(store, 1, large);
    uint64_t before = journal_bytes(store);
    for (uint64_t step = 2; step <= 50; step++)
        add_action(store, step, large);
    cr_assert(le(u64, journal_bytes(store) - before, 49 * 128));
    add_action(store, 51, "other");
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT count(*) FROM sources", "2");
    ANSWERS(run, "SELECT count(*) FROM steps WHERE source = 1", "50");
    ANSWERS(run, "SELECT source FROM steps WHERE id = 51", "2");
    hone_run_close(run);
}

Test(store, keeps_a_cached_result_that_brings_its_own_evidence) {
    struct hone_store *store = create();
    struct block block = passed(3);
    add_action(store, 5, "x");
    struct hone_result_record result = {
        .step = 5, .repeats = 5, .evidence = &block.evidence, .reward = 1};
    cr_assert(eq(int, hone_store_result(store, &result), 0));
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT cached || speedup FROM outcomes WHERE evidence IS NOT NULL", "13.0");
    hone_run_close(run);
}

Test(store, refuses_more_parts_than_there_is_room_for) {
    struct hone_store *store = create();
    double parts[HONE_STORE_PARTS_MAX + 1] = {0};
    struct hone_result_record result = {
        .step = 1, .repeats = 1, .part_count = HONE_STORE_PARTS_MAX + 1, .parts = parts};
    cr_assert(eq(int, hone_store_result(store, &result), -EINVAL));
    hone_store_destroy(store);
}

Test(store, can_be_read_while_it_lives) {
    struct hone_store *store = create();
    for (uint64_t step = 1; step <= 3; step++) {
        add_action(store, step, "x");
        add_result(store, step, 1, "");
        struct hone_run *run = open_run(hone_store_name(store));
        char wanted[16];
        snprintf(wanted, sizeof wanted, "%d", (int)step);
        cr_assert(eq(int, (int)hone_run_state(run), HONE_RUN_LIVE));
        ANSWERS(run, "SELECT count(*) FROM results", wanted);
        hone_run_close(run);
    }
    hone_store_destroy(store);
}

Test(store, finds_a_step_that_is_sent_again) {
    struct hone_store *store = create();
    uint64_t step = 0;
    add_action(store, 1, "x");
    add_action(store, 2, "x");
    struct hone_run *run = open_run("last");
    cr_assert(eq(int, hone_run_find_step(run, 0xF000000000000001u, 1, 2, &step), 0));
    cr_assert(eq(u64, step, 2));
    cr_assert(eq(int, hone_run_find_step(run, 0xF000000000000001u, 1, 3, &step), -ENOENT));
    cr_assert(eq(int, hone_run_find_step(run, 1, 1, 2, &step), -ENOENT));
    hone_run_close(run);
    hone_store_destroy(store);
}

Test(store, works_the_same_when_every_step_waits_for_the_disk) {
    struct hone_store *store;
    struct hone_run_facts facts = {"../un safe", NULL};
    cr_assert(eq(int, hone_store_create(root, &facts, true, &store, NULL), 0));
    bool tame = strstr(hone_store_name(store), "-.._un_safe-") != NULL;
    cr_assert(tame, "%s", hone_store_name(store));
    add_action(store, 1, "x");
    cr_assert(eq(int, add_result(store, 1, 1, "durable"), 0));
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT message FROM outcomes", "durable");
    hone_run_close(run);
}

Test(store, is_private_to_its_user) {
    struct hone_store *store = create();
    struct stat status;
    char path[512];
    add_action(store, 1, "x");
    hone_run_close(open_run("last"));
    cr_assert(eq(int, stat(hone_store_path(store), &status), 0));
    cr_assert(eq(u32, status.st_mode & 0777, 0700));
    static const char *const files[] = {"journal", "lock", "run.sqlite", "run.sqlite-wal"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", hone_store_path(store), files[i]);
        cr_assert(eq(int, stat(path, &status), 0), "%s", path);
        cr_assert(eq(u32, status.st_mode & 0777, 0600), "%s", path);
    }
    hone_store_destroy(store);
}

/* A child that reports every step it has committed, and is killed in the middle of it. */
static uint64_t acknowledged_before_kill(unsigned delay_us) {
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    pid_t child = fork();
    if (child == 0) {
        struct hone_store *store = create();
        close(ends[0]);
        for (uint64_t step = 1;; step++) {
            char source[64];
            snprintf(source, sizeof source, "source %d", (int)(step % 100));
            if (add_action(store, step, source) || add_result(store, step, 1, "message") ||
                write(ends[1], &step, sizeof step) != sizeof step)
                _exit(1);
        }
    }
    close(ends[1]);
    uint64_t step, last = 0;
    bool killed = false;
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (read(ends[0], &step, sizeof step) == sizeof step) {
        last = step;
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t passed_us =
            (now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000;
        if (!killed && passed_us >= delay_us) {
            kill(child, SIGKILL);
            killed = true;
        }
    }
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    bool by_us = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    cr_assert(by_us);
    return last;
}

Test(store, has_every_acknowledged_step_after_a_kill) {
    static const unsigned delays_us[] = {0, 500, 3000, 20000, 90000, 110000, 150000, 230000};
    for (unsigned i = 0; i < sizeof delays_us / sizeof delays_us[0]; i++) {
        uint64_t last = acknowledged_before_kill(delays_us[i]);
        cr_assert(lt(u64, 0, last));
        for (int again = 0; again < 2; again++) {
            struct hone_run *run = open_run("last");
            cr_assert(eq(int, (int)hone_run_state(run), HONE_RUN_KILLED));
            uint64_t steps = strtoull(ask(run, "SELECT max(id) FROM steps"), NULL, 10);
            uint64_t results = strtoull(ask(run, "SELECT count(*) FROM results"), NULL, 10);
            cr_assert(ge(u64, results, last));
            cr_assert(le(u64, steps, results + 1));
            ANSWERS(run, "SELECT count(*) - max(id) FROM steps", "0");
            ANSWERS(run,
                    "SELECT count(*) FROM results r LEFT JOIN steps s ON s.id = r.step "
                    "LEFT JOIN sources o ON o.id = s.source "
                    "WHERE o.text IS NOT 'source ' || (r.step % 100)",
                    "0");
            ANSWERS(run, "SELECT unread_records FROM run", "0");
            hone_run_close(run);
        }
    }
}

static void database_path(char path[512], const char *run, const char *file) {
    snprintf(path, 512, "%s/%s/%s", root, run, file);
}

static void overwrite(const char *path, off_t offset, const void *bytes, size_t size) {
    int descriptor = open(path, O_WRONLY);
    cr_assert(ge(int, descriptor, 0));
    cr_assert(eq(sz, (size_t)pwrite(descriptor, bytes, size, offset), size));
    close(descriptor);
}

static void make_two_steps(char name[256]) {
    struct hone_store *store = create();
    add_action(store, 1, "x");
    add_result(store, 1, 1, "one");
    add_action(store, 2, "y");
    add_result(store, 2, 2, "two");
    snprintf(name, 256, "%s", hone_store_name(store));
    hone_store_destroy(store);
}

Test(store, makes_a_damaged_database_anew) {
    char name[256], path[512], garbage[2048];
    make_two_steps(name);
    database_path(path, name, "run.sqlite");
    memset(garbage, 0x5A, sizeof garbage);
    for (off_t offset = 0; offset <= 8192; offset += 4096) { /* its header; its pages */
        overwrite(path, offset, garbage, sizeof garbage);
        struct hone_run *run = open_run(name);
        ANSWERS(run, "SELECT group_concat(message) FROM results", "one,two");
        ANSWERS(run, "PRAGMA quick_check", "ok");
        hone_run_close(run);
    }
    unlink(path);
    struct hone_run *run = open_run(name);
    cr_assert(eq(int, (int)hone_run_state(run), HONE_RUN_FINISHED));
    ANSWERS(run, "SELECT group_concat(message) FROM results", "one,two");
    hone_run_close(run);
}

Test(store, says_how_many_bytes_of_a_torn_record_it_dropped) {
    char name[256], path[512];
    struct stat status;
    make_two_steps(name);
    database_path(path, name, "journal");
    cr_assert(eq(int, stat(path, &status), 0));
    overwrite(path, status.st_size + 8, "torn", 4);
    for (int again = 0; again < 2; again++) {
        struct hone_run *run = open_run(name);
        ANSWERS(run, "SELECT dropped_bytes FROM run", "12");
        ANSWERS(run, "SELECT group_concat(message) FROM results", "one,two");
        hone_run_close(run);
    }
}

Test(store, leaves_out_a_record_it_does_not_understand_and_goes_on) {
    char path[512];
    struct hone_journal *journal;
    void *payload;
    snprintf(path, sizeof path, "%s/made", root);
    mkdir(path, 0700);
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    cr_assert(eq(int, hone_journal_create(folder, "journal", 5, 1, &journal, NULL), 0));
    hone_journal_claim(journal, 100, &payload);
    hone_journal_commit(journal, 999); /* a later version's */
    hone_journal_claim(journal, 3, &payload);
    hone_journal_commit(journal, HONE_RECORD_ACTION); /* too short */
    struct hone_record record = {.kind = HONE_RECORD_FINISHED, .moment.time_ns = 77};
    hone_journal_claim(journal, 8, &payload);
    hone_record_encode(&record, payload);
    hone_journal_commit(journal, HONE_RECORD_FINISHED);
    hone_journal_close(journal);
    close(folder);
    struct hone_run *run = open_run("made");
    ANSWERS(run, "SELECT unread_records || finished_ns FROM run", "277");
    hone_run_close(run);
}

Test(store, does_not_mix_up_databases_of_two_runs) {
    char first[256], second[256], from[512], to[512];
    make_two_steps(first);
    struct hone_store *store = create();
    add_action(store, 9, "z");
    add_result(store, 9, 9, "nine");
    snprintf(second, sizeof second, "%s", hone_store_name(store));
    hone_store_destroy(store);
    database_path(from, first, "run.sqlite");
    database_path(to, second, "run.sqlite");
    cr_assert(eq(int, rename(from, to), 0));
    struct hone_run *run = open_run(second);
    ANSWERS(run, "SELECT group_concat(message) FROM results", "nine");
    hone_run_close(run);
}

Test(store, refuses_a_schema_it_does_not_know) {
    char name[256], path[512];
    make_two_steps(name);
    database_path(path, name, "run.sqlite");
    sqlite3 *handle;
    sqlite3_open(path, &handle);
    sqlite3_exec(handle, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(handle);
    struct hone_run *run;
    struct hone_error error;
    cr_assert(eq(int, hone_run_open(root, name, &run, &error), -EPROTONOSUPPORT));
    bool says_so = strstr(error.text, "schema 99") != NULL;
    cr_assert(says_so, "%s", error.text);
}

Test(store, finds_runs_by_name_prefix_path_and_last) {
    char first[256], second[256], path[512], *found;
    struct hone_error error;
    struct hone_run_entry *entries;
    uint32_t count;
    cr_assert(eq(int, hone_run_find(root, "last", &found, &error), -ENOENT));
    make_two_steps(first);
    make_two_steps(second);
    cr_assert(eq(int, hone_run_list(root, &entries, &count, &error), 0));
    cr_assert(eq(u32, count, 2));
    cr_assert(eq(str, entries[0].name, second));
    free(entries);

    struct hone_run *run = open_run("last");
    cr_assert(eq(str, (char *)hone_run_name(run), second));
    hone_run_close(run);
    database_path(path, first, "");
    run = open_run(path);
    cr_assert(eq(str, (char *)hone_run_name(run), first));
    hone_run_close(run);
    cr_assert(eq(int, hone_run_find(root, "2", &found, &error), -ENOTUNIQ));
    cr_assert(eq(int, hone_run_find(root, "nothing", &found, &error), -ENOENT));
    cr_assert(eq(int, hone_run_find(root, "", &found, &error), -ENOENT));
    /* All but the last letter is unique unless the other name shares it. */
    if (strncmp(first, second, strlen(first) - 1)) {
        first[strlen(first) - 1] = '\0';
        run = open_run(first);
        hone_run_close(run);
    }
}

/* The limit stops the database's log, not the journal, whose chunk is there already. */
static void fill_without_database(bool in_time) {
    struct rlimit before, tight;
    int errors[2], standard_error = dup(STDERR_FILENO);
    cr_assert(eq(int, pipe(errors), 0));
    dup2(errors[1], STDERR_FILENO);
    getrlimit(RLIMIT_FSIZE, &before);
    struct hone_store *store = create();
    tight = before;
    tight.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &tight);
    for (uint64_t step = 1; step <= 100; step++) {
        cr_assert(eq(int, add_action(store, step, "x"), 0));
        cr_assert(eq(int, add_result(store, step, 1, "m"), 0));
    }
    char name[256], said[2000];
    snprintf(name, sizeof name, "%s", hone_store_name(store));
    ssize_t size = read(errors[0], said, sizeof said - 1); /* comes when it has failed */
    dup2(standard_error, STDERR_FILENO);
    said[size > 0 ? size : 0] = '\0';
    bool told = strstr(said, "steps go on being recorded") != NULL;
    cr_assert(told, "%s", said);
    if (in_time) { /* the writer tries again every second */
        setrlimit(RLIMIT_FSIZE, &before);
        bool there = false;
        for (int tries = 0; tries < 20 && !there; tries++) {
            struct hone_run *run = open_run(name);
            there = !strcmp(ask(run, "SELECT count(*) FROM results"), "100");
            hone_run_close(run);
        }
        cr_assert(there);
    }
    hone_store_destroy(store);
    setrlimit(RLIMIT_FSIZE, &before);
    struct hone_run *run = open_run(name);
    ANSWERS(run, "SELECT count(*) FROM results", "100");
    cr_assert(eq(int, (int)hone_run_state(run), HONE_RUN_FINISHED));
    hone_run_close(run);
    close(errors[0]);
    close(errors[1]);
    close(standard_error);
}

Test(store, catches_up_when_the_database_can_be_written_again) {
    fill_without_database(true);
}

Test(store, is_complete_for_a_reader_though_the_database_never_could_be_written) {
    fill_without_database(false);
}

Test(store, says_that_the_disk_is_full_and_lives) {
    struct rlimit before, tight;
    getrlimit(RLIMIT_FSIZE, &before);
    struct hone_store *store = create();
    tight = before;
    tight.rlim_cur = 2 << 20;
    setrlimit(RLIMIT_FSIZE, &tight);
    static char source[50000];
    memset(source, 'a', sizeof source - 1);
    uint64_t step = 1;
    int failed = 0;
    while (!failed && step < 1000) {
        snprintf(source, 16, "%015d", (int)step);
        source[15] = 'a';
        failed = add_action(store, step++, source);
    }
    cr_assert(eq(int, failed, -ENOSPC));
    uint64_t refused = step - 1;
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert(eq(int, add_action(store, refused, source), 0)); /* room again */
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%d", (int)refused);
    hone_store_destroy(store);
    struct hone_run *run = open_run("last");
    ANSWERS(run, "SELECT count(*) FROM steps", wanted);
    ANSWERS(run, "SELECT count(*) FROM sources WHERE bytes = 49999", wanted);
    hone_run_close(run);
}

static struct hone_run_facts test_facts = {
    "test",
    "{\"rewards\":[{\"name\":\"speedup\",\"weight\":1},{\"name\":\"bonus\",\"weight\":2}]}"};

/* A run whose server died: two steps, the second without a result. */
static char *kill_run(void) {
    pid_t child = fork();
    if (child == 0) {
        struct hone_store *store = create();
        struct block block = passed(2);
        add_action(store, 1, "one");
        struct hone_result_record result = {.step = 1, .evidence = &block.evidence, .reward = 1};
        hone_store_result(store, &result);
        add_action(store, 2, "two");
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    char *path = NULL;
    struct hone_error error = {""};
    cr_assert(eq(int, hone_store_find_killed(root, "test", &path, &error), 0), "%s", error.text);
    return path;
}

static struct hone_store *go_on(const char *path) {
    struct hone_store *store;
    struct hone_error error = {""};
    int failed = hone_store_continue(path, &test_facts, false, &store, &error);
    cr_assert(eq(int, failed, 0), "%s", error.text);
    return store;
}

Test(store, goes_on_with_a_run_whose_server_was_killed) {
    char *path = kill_run();
    struct hone_store *store = go_on(path);
    struct block block = passed(3);
    struct hone_result_record result = {.step = 2, .evidence = &block.evidence, .reward = 2};
    cr_assert(eq(int, hone_store_result(store, &result), 0));
    add_action(store, 3, "one"); /* a text the run has */
    add_action(store, 4, "four");
    hone_store_destroy(store);
    struct hone_run *run = open_run(path);
    cr_expect(eq(int, (int)hone_run_state(run), (int)HONE_RUN_FINISHED));
    ANSWERS(run, "SELECT group_concat(id || ':' || source) FROM steps", "1:1,2:2,3:1,4:3");
    ANSWERS(run, "SELECT group_concat(text) FROM sources", "one,two,four");
    ANSWERS(run, "SELECT group_concat(reward) FROM results", "1.0,2.0");
    ANSWERS(run, "SELECT unread_records || ' ' || dropped_bytes FROM run", "0 0");
    hone_run_close(run);
    free(path);
}

Test(store, goes_on_behind_the_last_whole_record) {
    char *path = kill_run(), journal[512];
    snprintf(journal, sizeof journal, "%s/journal", path);
    struct hone_journal_reader *reader;
    struct hone_journal_entry entry;
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    cr_assert(eq(int, hone_journal_reader_open(folder, "journal", &reader, NULL), 0));
    uint64_t end = HONE_JOURNAL_START;
    while (hone_journal_read(reader, end, &entry) == 1)
        end = entry.next;
    hone_journal_reader_close(reader);
    close(folder);
    int file = open(journal, O_WRONLY);
    char torn[200];
    memset(torn, 0xA5, sizeof torn);
    cr_assert(eq(long, (long)pwrite(file, torn, sizeof torn, (off_t)end), (long)sizeof torn));
    close(file);
    struct hone_store *store = go_on(path);
    add_action(store, 3, "three");
    hone_store_destroy(store);
    struct hone_run *run = open_run(path);
    ANSWERS(run, "SELECT count(*) FROM steps", "3");
    ANSWERS(run, "SELECT unread_records || ' ' || dropped_bytes FROM run", "0 0");
    hone_run_close(run);
    free(path);
}

Test(store, goes_on_with_no_run_of_other_facts_or_of_a_live_server) {
    char *path = kill_run(), *other = NULL;
    struct hone_store *store = NULL, *second = NULL;
    struct hone_error error = {""};
    struct hone_run_facts facts = {"test", "{}"};
    cr_expect(eq(int, hone_store_continue(path, &facts, false, &store, &error), -ESTALE));
    store = go_on(path);
    cr_expect(eq(int, hone_store_continue(path, &test_facts, false, &second, &error), -EBUSY));
    cr_expect(eq(int, hone_store_find_killed(root, "test", &other, &error), -ENOENT));
    hone_store_destroy(store);
    cr_expect(eq(int, hone_store_find_killed(root, "test", &other, &error), -ENOENT),
              "a run that was closed is not taken up by itself");
    cr_expect(eq(int, hone_store_find_killed(root, "another", &other, &error), -ENOENT));
    store = go_on(path);
    struct hone_run *run = open_run(path);
    cr_expect(eq(int, (int)hone_run_state(run), (int)HONE_RUN_LIVE), "finished no more");
    hone_run_close(run);
    hone_store_destroy(store);
    free(path);
}

/* Where several users have their runs in one folder, an agent among them could write one. */
Test(store, goes_on_with_no_run_that_others_may_write) {
    char *path = kill_run(), *other = NULL, journal[512];
    struct hone_store *store = NULL;
    struct hone_error error = {""};
    snprintf(journal, sizeof journal, "%s/journal", path);
    const char *const places[] = {path, journal};
    const mode_t modes[] = {0700, 0600};
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(int, chmod(places[i], modes[i] | 0002), 0));
        cr_expect(eq(int, hone_store_continue(path, &test_facts, false, &store, &error), -EPERM));
        cr_expect(eq(int, hone_store_find_killed(root, "test", &other, &error), -ENOENT));
        cr_assert(eq(int, chmod(places[i], modes[i]), 0));
    }
    if (geteuid() == 0) {
        cr_assert(eq(int, chown(journal, 65534, 65534), 0));
        cr_expect(eq(int, hone_store_continue(path, &test_facts, false, &store, &error), -EPERM));
        cr_assert(eq(int, chown(journal, 0, 0), 0));
    }
    cr_expect(eq(int, hone_store_find_killed(root, "test", &other, &error), 0));
    free(other);
    free(path);
}

Test(store, waits_for_no_journal_that_is_no_file) {
    char *path = kill_run(), pipe[512];
    struct hone_error error = {""};
    struct hone_run_entry *entries;
    uint32_t count;
    snprintf(pipe, sizeof pipe, "%s/pipe", root);
    cr_assert(eq(int, mkdir(pipe, 0700), 0));
    strcat(pipe, "/journal");
    cr_assert(eq(int, mkfifo(pipe, 0600), 0));
    cr_expect(eq(int, hone_run_list(root, &entries, &count, &error), 0));
    cr_expect(eq(u32, count, 1));
    free(entries);
    free(path);
}

static uint64_t add_image(struct hone_store *store, uint64_t step, const char *bytes) {
    struct block block = passed(1);
    struct hone_image_record images[] = {{bytes, strlen(bytes), "listing", 7, "kernel"},
                                         {"native", 6, NULL, 0, NULL}};
    struct hone_result_record result = {
        .step = step, .evidence = &block.evidence, .images = images, .image_count = 2};
    uint64_t before = hone_store_written(store);
    add_action(store, step, "source");
    cr_assert(eq(int, hone_store_result(store, &result), 0));
    return hone_store_written(store) - before;
}

Test(store, keeps_what_was_compiled_once) {
    struct hone_store *store = create();
    char *path = strdup(hone_store_path(store)), large[10001];
    memset(large, 'x', sizeof large);
    large[10000] = '\0';
    uint64_t first = add_image(store, 1, large);
    cr_expect(ge(u64, first, 10000));
    cr_expect(le(u64, add_image(store, 2, large), first - 10000));
    hone_store_destroy(store);
    store = go_on(path);
    cr_expect(le(u64, add_image(store, 3, large), first - 10000), "known from before");
    add_image(store, 4, "other");
    hone_store_destroy(store);
    struct hone_recall *recall;
    struct hone_image_record image;
    void *memory;
    cr_assert(eq(int, hone_recall_open(path, &recall, NULL), 0));
    for (uint64_t step = 1; step <= 4; step++) {
        cr_assert(eq(int, hone_recall_image(recall, step, 0, &image, &memory), 0));
        cr_expect(eq(u64, image.image_bytes, step < 4 ? 10000 : 5));
        cr_expect(eq(int, memcmp(image.image, step < 4 ? "xxxx" : "othe", 4), 0));
        cr_expect(eq(str, (char *)(uintptr_t)image.listing, "listing"));
        cr_expect(eq(str, (char *)(uintptr_t)image.entries, "kernel"));
        free(memory);
        cr_assert(eq(int, hone_recall_image(recall, step, 1, &image, &memory), 0));
        cr_expect(eq(ptr, (void *)(uintptr_t)image.listing, NULL));
        free(memory);
        cr_expect(eq(int, hone_recall_image(recall, step, 2, &image, &memory), -ENOENT));
    }
    cr_expect(eq(int, hone_recall_image(recall, 9, 0, &image, &memory), -ENOENT));
    hone_recall_close(recall);
    struct hone_run *run = open_run(path);
    ANSWERS(run, "SELECT unread_records FROM run", "0");
    hone_run_close(run);
    free(path);
}
