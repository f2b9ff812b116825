#include "core/journal.h"
#include "core/recall.h"
#include "core/store_sql.h"
#include "tests/store_fixture.h"

#include <errno.h>

TestSuite(store, .init = make_root, .fini = remove_root, .timeout = 60);

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
