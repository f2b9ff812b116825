/* Plugins that crash, hang and lie, as the users of a server and of the commands meet them. */
#include "core/watch.h"
#include "plugins/evidence.h"
#include "tests/abi/build.h"
#include "tests/support.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <sys/mman.h>

static char folder[64], plugin[256], use[300], said[8192];
static struct hone_test_server server;
static char *right, *wrong;

static void begin(void) {
    abi_folder(folder);
    right = hone_test_read("tasks/algebra/axpby/tuned.c");
    wrong = hone_test_read("tasks/algebra/axpby/wrong/tail.c");
}

static void end(void) {
    free(right);
    free(wrong);
    abi_remove(folder);
}

TestSuite(faults, .init = begin, .fini = end, .timeout = 200);

static void build(const char *name) {
    abi_build(folder, name, name, plugin);
    snprintf(use, sizeof use, "rewards.%s=1", plugin);
}

static bool has(const char *text, const char *part) {
    if (strstr(text, part))
        return true;
    fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, text);
    return false;
}

/* A command, with what it says on standard error in `said`; the caller frees its output. */
static int saved_errors, caught_errors;

static void catch_begin(void) {
    fflush(stderr);
    saved_errors = dup(STDERR_FILENO);
    caught_errors = memfd_create("caught", MFD_CLOEXEC);
    dup2(caught_errors, STDERR_FILENO);
}

static char *catch_end(char *output) {
    dup2(saved_errors, STDERR_FILENO);
    close(saved_errors);
    ssize_t size = pread(caught_errors, said, sizeof said - 1, 0);
    said[size > 0 ? size : 0] = '\0';
    close(caught_errors);
    return output;
}

#define RUN(status, ...) (catch_begin(), catch_end(hone_test_run(&server, status, __VA_ARGS__)))

/* ---- a plugin that cannot even be made ---- */

static int evaluate(const char *how, const char *where) {
    int status;
    char first[64], second[64];
    snprintf(first, sizeof first, "reward.spoiler.how=%s", how);
    snprintf(second, sizeof second, "reward.spoiler.where=%s", where);
    free(RUN(&status, "eval", "--quiet", "--no-store", "--trusted", "--reward", plugin, "--set",
             first, "--set", second, "--set", "scorer.deadline_ms=300", "--task", "algebra/axpby",
             "tasks/algebra/axpby/tuned.c", NULL));
    return status;
}

Test(faults, end_a_command_in_words_when_a_plugin_falls_as_it_is_made) {
    build("spoiler");
    hone_test_folders(&server);
    cr_expect(eq(int, evaluate("crash", "create"), 1));
    cr_expect(has(said, "spoiler.so: create crashed with signal 6"));
    cr_expect(eq(int, evaluate("exit", "create"), 1));
    cr_expect(
        has(said, "spoiler.so: create ended the scorer, or its connection, with exit status 0"));
    cr_expect(eq(int, evaluate("close", "create"), 1));
    cr_expect(has(said, "create closed or replaced descriptor 2"));
    hone_test_clean(&server);
}

/* A spoiler with something defined in front of it. */
static void build_spoiler(const char *define) {
    char source[600], root[512];
    abi_root(root);
    snprintf(source, sizeof source, "%s/defined.c", folder);
    FILE *file = fopen(source, "w");
    cr_assert(ne(ptr, file, NULL));
    fprintf(file, "#define %s\n#include \"%s/tests/abi/spoiler.c\"\n", define, root);
    fclose(file);
    abi_build_at(folder, source, "spoiler", plugin);
}

/* Constructors run before a plugin's manual can be read. */
Test(faults, end_a_command_in_words_when_a_plugin_falls_as_it_is_loaded) {
    int status;
    char list[700];
    build_spoiler("SPOIL_LOADING");
    hone_test_folders(&server);
    cr_expect(eq(int, evaluate("well", "score"), 1));
    cr_expect(has(said, "create crashed with signal 6"));
    free(RUN(&status, "plugin", "show", plugin, NULL));
    cr_expect(eq(int, status, 1));
    cr_expect(has(said, "loading it: crashed with signal 6"));
    snprintf(list, sizeof list, "rewards.%s=1", plugin);
    char *text = RUN(&status, "doctor", "--set", list, NULL);
    cr_expect(eq(int, status, 1));
    cr_expect(has(text, "loading it: crashed with signal 6"));
    cr_expect(has(text, "broken   scorer"));
    free(text);
    hone_test_clean(&server);
}

/* The flag says that it is safe enough for the server; that is not its own to say. */
Test(faults, stay_out_of_the_server_whatever_a_plugin_claims) {
    build("spoiler");
    hone_test_folders(&server);
    cr_expect(eq(int, evaluate("crash", "every"), 20));
    cr_expect(has(said, "reward/spoiler: score crashed with signal 6"));
    cr_expect(eq(int, evaluate("crash", "destroy"), 0), "%s", said);
    hone_test_clean(&server);
}

/* ---- a step that a plugin spoils, and the steps after it ---- */

static const struct hone_observation *step(struct hone *hone, const char *source, int number) {
    char *text;
    cr_assert(lt(int, 0, asprintf(&text, "%s//%d\n", source, number)));
    const struct hone_observation *seen = hone_test_step(hone, 0, text);
    free(text);
    return seen;
}

static struct hone *serve(const char *set1, const char *set2, const char *set3) {
    const struct hone_observation *seen;
    hone_test_serve(&server, (const char *const[]){"--set", set1, "--set", set2, "--set", set3,
                                                   "--set", "episode.turns=20", NULL});
    struct hone *hone = hone_test_attach(&server, 1);
    cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", 1, &seen), 0), "reset");
    return hone;
}

/* Steps 1 to 12 and 14 are not what the plugin waits for; what is wrong is quick to judge. */
static void costs_its_step_alone(const char *how, const char *reason) {
    char option[64];
    int status;
    build("spoiler");
    snprintf(option, sizeof option, "reward.spoiler.how=%s", how);
    struct hone *hone = serve(use, option, "scorer.deadline_ms=300");
    for (int i = 1; i <= 12; i++)
        cr_assert(eq(u32, step(hone, wrong, i)->verdict, HONE_OUTCOME_WRONG));
    const struct hone_observation *seen = step(hone, wrong, 13);
    cr_assert(eq(u32, seen->verdict, HONE_OUTCOME_INFRA_FAILED), "%s", how);
    cr_expect(eq(u32, seen->reason, HONE_REASON_PLUGIN));
    cr_expect(eq(int, isnan(seen->reward), 1));
    cr_expect(has(hone_text(seen, HONE_MESSAGE), "reward/spoiler: score"));
    cr_expect(has(hone_text(seen, HONE_MESSAGE), reason));
    seen = step(hone, wrong, 14);
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_WRONG));
    cr_expect(eq(dbl, seen->reward, 0));
    hone_close(hone);
    free(RUN(&status, "rescore", "last", NULL));
    cr_expect(eq(int, status, 0), "%s: what failed then is not scored now", how);
    free(RUN(&status, "show", "last", "13", NULL));
    cr_expect(eq(int, status, 0));
    hone_test_stop(&server);
}

Test(faults, cost_a_step_when_a_plugin_crashes) {
    costs_its_step_alone("crash", "signal 6");
}

Test(faults, cost_a_step_when_a_plugin_hangs) {
    costs_its_step_alone("hang", "deadline of 300 ms");
}

Test(faults, cost_a_step_when_a_plugin_writes_to_evidence) {
    costs_its_step_alone("write", "signal 11");
}

Test(faults, are_environment_failures_where_finite_parts_add_up_to_none) {
    int status;
    hone_test_folders(&server);
    char *text =
        RUN(&status, "eval", "--quiet", "--no-store", "--trusted", "--json", "--set",
            "rewards.*=off", "--set", "rewards.speedup=1.5e308", "--set", "reward.speedup.low=2",
            "--task", "algebra/axpby", "tasks/algebra/axpby/tuned.c", NULL);
    cr_expect(eq(int, status, 20), "%s", text);
    cr_expect(has(said, "add up to inf, expected a finite number"));
    free(text);
    hone_test_clean(&server);
}

/* ---- rescoring ---- */

static void rescore_fails(const char *how, const char *where, const char *reason) {
    int status;
    char first[64], second[64];
    snprintf(first, sizeof first, "reward.spoiler.how=%s", how);
    snprintf(second, sizeof second, "reward.spoiler.where=%s", where);
    char *text = RUN(&status, "rescore", "last", "--reward", plugin, "--set", first, "--set",
                     second, "--set", "scorer.deadline_ms=300", NULL);
    cr_expect(eq(int, status, 1), "%s in %s", how, where);
    cr_expect(has(said, "hone rescore: "));
    cr_expect(has(said, reason));
    free(text);
}

Test(faults, of_plugins_end_a_rescoring_in_words) {
    int status;
    struct hone *hone = serve("episode.goal_speedup=0", "measure.timing_ms=20", "cache.entries=9");
    step(hone, wrong, 1);
    hone_close(hone);
    build("spoiler");
    rescore_fails("crash", "every", "step 1: reward spoiler: crashed with signal 6");
    rescore_fails("hang", "every", "step 1: reward spoiler: missed its deadline");
    rescore_fails("exit", "every", "step 1: reward spoiler: ended the process with exit status 0");
    rescore_fails("write", "every", "step 1: reward spoiler: crashed with signal 11");
    rescore_fails("close", "every", "step 1: reward spoiler: it closed or replaced descriptor 2");
    rescore_fails("crash", "create", "reward spoiler: create: crashed with signal 6");
    build_spoiler("SPOIL_GROUPS");
    rescore_fails("write", "every", "reward spoiler, a group of 1: crashed with signal 11");
    build_spoiler("SPOIL_LOADING");
    rescore_fails("well", "score", "spoiler.so: load: crashed with signal 6");
    free(RUN(&status, "rescore", "last", NULL));
    cr_expect(eq(int, status, 0), "%s", said);
    hone_test_stop(&server);
}

Test(faults, of_audits_end_a_rescoring_in_words) {
    int status;
    struct hone *hone = serve("episode.goal_speedup=0", "measure.timing_ms=20", "cache.entries=9");
    step(hone, "char no_solve;", 1);
    hone_close(hone);
    build("reporter"); /* which ends its process over a source that begins with a c */
    snprintf(use, sizeof use, "%s=audit", plugin);
    free(RUN(&status, "rescore", "last", "--audit", "--detector", use, NULL));
    cr_expect(eq(int, status, 1));
    cr_expect(has(said, "step 1: detector reporter: ended the process with exit status 9"));
    hone_test_stop(&server);
}

Test(faults, of_audits_leave_evidence_as_it_was) {
    int status;
    struct hone *hone = serve("episode.goal_speedup=0", "measure.timing_ms=20", "cache.entries=9");
    step(hone, wrong, 1);
    hone_close(hone);
    build("scribbler");
    snprintf(use, sizeof use, "%s=audit", plugin);
    free(RUN(&status, "rescore", "last", "--audit", "--detector", use, NULL));
    cr_expect(eq(int, status, 1));
    cr_expect(has(said, "step 1: detector scribbler: crashed with signal 11"));
    hone_test_stop(&server);
}

/* As a thread would that a plugin left behind. */
static int fall_after(void *context, struct hone_watch *watch) {
    (void)context;
    hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "reward innocent");
    hone_watch_end(watch);
    raise(SIGKILL);
    return 0;
}

Test(faults, are_nobodys_when_no_plugin_was_called) {
    struct hone_error error = {""};
    cr_expect(eq(int, hone_watch_try(fall_after, NULL, &error), -EREMOTEIO));
    cr_expect(has(error.text, "while no plugin was called, after reward innocent: crashed"));
}

/* Nothing that a reward can see is left out of what is stored, or put in afterwards: for steps that
 * passed, failed, stopped early and were answered from the cache, in another place of another
 * episode too. */
Test(faults, none_lose_a_bit_of_what_a_reward_saw) {
    int status;
    const struct hone_observation *seen;
    build("digest");
    struct hone *hone = serve(use, "rewards.speedup=0.1", "measure.timing_ms=20");
    struct hone_action partial = {
        .language = "c", .stages = 1u << HONE_STAGE_VERIFY, .source_bytes = strlen(right)};
    step(hone, right, 1);
    step(hone, wrong, 2);
    step(hone, right, 3);
    seen = step(hone, wrong, 2);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_CACHED, 0));
    memcpy(hone_action_buffer(hone, 0, NULL), right, strlen(right));
    cr_assert(eq(int, hone_step(hone, 0, &partial, &seen), 0));
    cr_expect(eq(u32, seen->verdict, HONE_OUTCOME_PARTIAL));
    step(hone, "void solve(", 5);
    cr_assert(eq(int, hone_reset(hone, 0, "algebra/axpby", 2, &seen), 0), "reset");
    seen = step(hone, wrong, 2);
    cr_expect(ne(u32, seen->flags & HONE_OBSERVATION_CACHED, 0));
    hone_close(hone);
    char *text = RUN(&status, "rescore", "last", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(has(text, "7 of 7 rewards come out as they were stored"));
    free(text);
    hone_test_stop(&server);
}
