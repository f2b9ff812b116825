/* Going on with a run whose server was killed. */
#include "core/journal.h"
#include "tests/store_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

TestSuite(store_continue, .init = make_root, .fini = remove_root, .timeout = 60);

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

Test(store_continue, goes_on_with_a_run_whose_server_was_killed) {
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

Test(store_continue, goes_on_behind_the_last_whole_record) {
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

Test(store_continue, goes_on_with_no_run_of_other_facts_or_of_a_live_server) {
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
Test(store_continue, goes_on_with_no_run_that_others_may_write) {
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

Test(store_continue, waits_for_no_journal_that_is_no_file) {
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
