#include "core/command.h"

#include "core/log.h"
#include "core/run_json.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char root[64], output[16384], errors[4096];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void make_root(void) {
    strcpy(root, "/tmp/hone-test-runs-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(root), NULL));
}

static void remove_root(void) {
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(command_runs, .init = make_root, .fini = remove_root, .timeout = 30);

static void slurp(int descriptor, char *to, size_t room) {
    lseek(descriptor, 0, SEEK_SET);
    ssize_t size = read(descriptor, to, room - 1);
    to[size > 0 ? size : 0] = '\0';
    close(descriptor);
}

/* Run a command with its streams caught. Up to six arguments. */
static int run(int (*command)(int, char **), const char *name, const char *const *arguments) {
    char *argv[16] = {(char *)name};
    int argc = 1;
    for (; arguments[argc - 1]; argc++)
        argv[argc] = (char *)arguments[argc - 1];
    fflush(stdout);
    int saved_out = dup(1), saved_errors = dup(2);
    int out = memfd_create("caught", 0), bad = memfd_create("caught", 0);
    dup2(out, 1);
    dup2(bad, 2);
    int status = command(argc, argv);
    fflush(stdout);
    dup2(saved_out, 1);
    dup2(saved_errors, 2);
    close(saved_out);
    close(saved_errors);
    slurp(out, output, sizeof output);
    slurp(bad, errors, sizeof errors);
    return status;
}

#define RUNS(...) run(hone_command_runs, "runs", (const char *const[]){__VA_ARGS__, NULL})
#define SHOW(...) run(hone_command_show, "show", (const char *const[]){__VA_ARGS__, NULL})

static void has(const char *text, const char *wanted) {
    bool found = strstr(text, wanted) != NULL;
    cr_assert(found, "wanted \"%s\" in: %s", wanted, text);
}

static void make_run(void) {
    struct hone_store *store;
    struct hone_error error = {""};
    struct hone_run_facts facts = {"test", "{\"rewards\":[{\"name\":\"speedup\"}]}"};
    cr_assert(eq(int, hone_store_create(root, &facts, false, &store, &error), 0), "%s", error.text);
    struct {
        struct hone_evidence evidence;
        struct hone_workload_row row;
        struct hone_finding finding;
    } block = {.evidence = {.size = sizeof(struct hone_evidence),
                            .version = HONE_EVIDENCE_VERSION,
                            .bytes = sizeof block,
                            .verdict = HONE_WRONG,
                            .reason = HONE_REASON_NON_FINITE,
                            .stages = 1u << HONE_STAGE_COMPILE,
                            .stage_ns[HONE_STAGE_COMPILE] = 1500000,
                            .speedup = 2,
                            .kernel_ns = NAN,
                            .device = "cpu",
                            .workload_offset = sizeof block.evidence,
                            .workload_count = 1,
                            .workload_size = sizeof block.row,
                            .finding_offset = sizeof block.evidence + sizeof block.row,
                            .finding_count = 1,
                            .finding_size = sizeof block.finding},
               .row = {.id = "tiny", .set = HONE_DEBUG, .axis_count = 1, .axes = {64}},
               .finding = {.rule = "no-op", .severity = HONE_ZERO, .text = "nothing done"}};
    struct hone_action_record action = {.step = 1,
                                        .episode = 4,
                                        .turn = 2,
                                        .task = "dl/softmax",
                                        .language = "c",
                                        .source = "the \xFF source",
                                        .source_bytes = 12};
    struct hone_result_record result = {.step = 1,
                                        .evidence = &block.evidence,
                                        .reward = NAN,
                                        .part_count = 1,
                                        .parts = (double[]){0.25},
                                        .message = "the first wrong element",
                                        .feedback = "do better"};
    cr_assert(eq(int, hone_store_action(store, &action), 0));
    cr_assert(eq(int, hone_store_result(store, &result), 0));
    action.step = 2;
    cr_assert(eq(int, hone_store_action(store, &action), 0));
    hone_store_destroy(store);
}

Test(command_runs, says_that_there_are_none) {
    cr_assert(eq(int, RUNS("--root", root), 0));
    has(output, "no runs in");
    cr_assert(eq(int, RUNS("--root", root, "--json"), 0));
    cr_assert(eq(str, output, "[]\n"));
}

Test(command_runs, lists_runs_newest_first) {
    for (int i = 0; i < 3; i++)
        make_run();
    cr_assert(eq(int, RUNS("--root", root, "--json", "--limit", "2"), 0));
    json_t *runs = json_loads(output, 0, NULL);
    cr_assert(eq(sz, json_array_size(runs), 2));
    json_t *first = json_array_get(runs, 0);
    cr_assert(eq(str, (char *)json_string_value(json_object_get(first, "state")), "finished"));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(first, "steps")), 2));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(first, "passed")), 0));
    bool none = json_is_null(json_object_get(first, "best_speedup"));
    cr_assert(none);
    json_decref(runs);
    cr_assert(eq(int, RUNS("--root", root, "-n", "1"), 0));
    has(output, "and 2 older");
}

Test(command_runs, shows_the_steps_of_a_run) {
    make_run();
    cr_assert(eq(int, SHOW("--root", root, "last"), 0));
    has(output, "4/2");
    has(output, "non_finite");
    has(output, "unfinished");
    cr_assert(eq(int, SHOW("--root", root, "last", "--json"), 0));
    json_t *all = json_loads(output, 0, NULL);
    json_t *rows = json_object_get(all, "rows");
    cr_assert(eq(sz, json_array_size(rows), 2));
    bool null = json_is_null(json_object_get(json_array_get(rows, 0), "reward"));
    cr_assert(null);
    json_decref(all);
}

Test(command_runs, shows_everything_of_a_step) {
    make_run();
    cr_assert(eq(int, SHOW("--root", root, "last", "1"), 0));
    has(output, "wrong, non_finite");
    has(output, "speedup 0.25");
    has(output, "compile 1.5 ms");
    has(output, "tiny");
    has(output, "zero       no-op: nothing done");
    has(output, "the first wrong element");
    cr_assert(eq(int, SHOW("--root", root, "last", "1", "--json"), 0));
    json_t *step = json_loads(output, 0, NULL);
    json_t *workload = json_array_get(json_object_get(step, "workloads"), 0);
    json_t *axis = json_array_get(json_object_get(workload, "axes"), 0);
    cr_assert(eq(int, (int)json_integer_value(axis), 64));
    json_t *part = json_object_get(json_object_get(step, "components"), "speedup");
    cr_assert(eq(dbl, json_real_value(part), 0.25));
    bool absent = json_object_get(step, "source") == NULL;
    cr_assert(absent);
    json_decref(step);
}

Test(command_runs, gives_source_and_feedback_alone) {
    make_run();
    cr_assert(eq(int, SHOW("--root", root, "last", "1", "--source"), 0));
    cr_assert(eq(str, output, "the \xFF source\n"));
    cr_assert(eq(int, SHOW("--root", root, "last", "1", "--feedback"), 0));
    cr_assert(eq(str, output, "do better\n"));
}

Test(command_runs, tells_usage_errors_from_absent_things) {
    make_run();
    cr_assert(eq(int, RUNS("--bogus"), 2));
    has(errors, "hone runs: unknown option --bogus; see `hone runs --help`\n");
    cr_assert(eq(int, RUNS("--limit", "-1"), 2));
    cr_assert(eq(int, RUNS("extra"), 2));
    cr_assert(eq(int, RUNS("--root"), 2));
    cr_assert(eq(int, SHOW("--json"), 2));
    cr_assert(eq(int, SHOW("last", "first"), 2));
    cr_assert(eq(int, SHOW("last", "--source"), 2));
    cr_assert(eq(int, SHOW("--root", root, "last", "77"), 1));
    has(errors, "has no step 77");
    cr_assert(eq(int, SHOW("--root", root, "nobody"), 1));
    has(errors, "no run is called \"nobody\"");
    cr_assert(eq(int, SHOW("--help"), 0));
    has(output, "usage: hone show");
}
