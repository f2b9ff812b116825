/* Runs whose server, database or disk failed: the journal has it all, and the database is made
 * from it again. */
#include "core/journal.h"
#include "core/store_sql.h"
#include "tests/store_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(store_replay, .init = make_root, .fini = remove_root, .timeout = 60);

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

Test(store_replay, has_every_acknowledged_step_after_a_kill) {
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

Test(store_replay, makes_a_damaged_database_anew) {
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

Test(store_replay, says_how_many_bytes_of_a_torn_record_it_dropped) {
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

Test(store_replay, leaves_out_a_record_it_does_not_understand_and_goes_on) {
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

Test(store_replay, does_not_mix_up_databases_of_two_runs) {
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

Test(store_replay, refuses_a_schema_it_does_not_know) {
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

Test(store_replay, catches_up_when_the_database_can_be_written_again) {
    fill_without_database(true);
}

Test(store_replay, is_complete_for_a_reader_though_the_database_never_could_be_written) {
    fill_without_database(false);
}

Test(store_replay, says_that_the_disk_is_full_and_lives) {
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
