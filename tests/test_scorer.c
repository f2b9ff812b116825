#include "core/evidence.h"
#include "core/scorer.h"
#include "core/scorer_process.h"
#include "tests/abi/build.h"
#include "tests/orphan.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

static struct hone_error error;
static char folder[64];
static struct hone_settings *settings;
static struct hone_scorer *scorer;

/* The child of these tests is this program again: Criterion's main() never sees it. */
__attribute__((constructor)) static void become_scorer(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "scorer"))
        _exit(hone_command_scorer(argc - 1, argv + 1));
}

static void begin(void) {
    setenv("HONE_PROGRAM", "/proc/self/exe", 1);
    abi_folder(folder);
}

static void end(void) {
    hone_scorer_destroy(scorer);
    hone_settings_close(settings);
    scorer = NULL;
    settings = NULL;
    abi_remove(folder);
}

TestSuite(scorer, .init = begin, .fini = end, .timeout = 60);

static bool says(const char *part) {
    if (strstr(error.text, part))
        return true;
    fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, error.text);
    return false;
}

/* No tasks: they are another module's. `more` are further overrides. */
static int start(const char *more1, const char *more2, const char *more3) {
    const char *const overrides[] = {"tasks.*=off", more1 ? more1 : "scorer.deadline_ms=1000",
                                     more2 ? more2 : "scorer.deadline_ms=1000",
                                     more3 ? more3 : "scorer.deadline_ms=1000", NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, &settings, &error), 0), "%s", error.text);
    return hone_scorer_create(settings, &scorer, &error);
}

/* A scorer whose second reward misbehaves in turn 13. */
static void start_misbehaving(const char *how, const char *deadline) {
    char path[256], use[300], option[64];
    abi_build(folder, "misbehaving", "misbehaving", path);
    snprintf(use, sizeof use, "rewards.%s=1", path);
    snprintf(option, sizeof option, "reward.misbehaving.how=%s", how);
    cr_assert(eq(int, start(use, option, deadline), 0), "%s", error.text);
}

/* Evidence with two rows. */
struct block {
    struct hone_evidence evidence;
    struct hone_workload_row rows[2];
};

static struct block make_block(uint32_t turn) {
    struct block block = {.evidence = {.size = sizeof block.evidence,
                                       .version = HONE_EVIDENCE_VERSION,
                                       .bytes = sizeof block,
                                       .verdict = HONE_PASSED,
                                       .valid = HONE_HAS_SPEEDUP | HONE_HAS_COVERAGE,
                                       .speedup = 2,
                                       .coverage = 0.75,
                                       .turn = turn,
                                       .workload_offset = offsetof(struct block, rows),
                                       .workload_count = 2,
                                       .workload_size = sizeof block.rows[0]},
                          .rows = {{.id = "small", .set = HONE_DEBUG}, {.set = HONE_HIDDEN}}};
    return block;
}

static int score(uint32_t turn, double parts[4]) {
    const struct block block = make_block(turn);
    return hone_scorer_score(scorer, &block.evidence, parts, 4, &error);
}

Test(scorer, scores_with_every_configured_reward_in_order) {
    double parts[3];
    const struct block block = make_block(1);
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 3, &error), 0), "%s",
              error.text);
    cr_expect(eq(dbl, parts[0], 1));
    cr_expect(eq(dbl, parts[1], 2));
    cr_expect(eq(dbl, parts[2], 0.75));
}

Test(scorer, refuses_to_score_for_another_number_of_rewards) {
    double parts[2];
    const struct block block = make_block(1);
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    cr_expect(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 2, &error), -EINVAL));
    cr_expect(says("3 rewards are configured, 2 asked for"));
}

Test(scorer, names_the_plugin_that_cannot_be_loaded) {
    cr_assert(eq(int, start("rewards.nonsense=1", NULL, NULL), -ENOENT));
    cr_expect(says("no reward plugin \"nonsense\""));
}

Test(scorer, names_a_plugin_whose_settings_are_wrong) {
    cr_assert(eq(int, start("reward.speedup.hihg=1", NULL, NULL), -EINVAL));
    cr_expect(says("[reward.speedup] hihg: no such option"));
}

Test(scorer, calls_it_a_plugin_failure_whatever_number_one_fails_to_be_made_with) {
    char path[256], use[300];
    abi_build(folder, "misbehaving", "misbehaving", path);
    snprintf(use, sizeof use, "rewards.%s=1", path);
    cr_expect(eq(int, start(use, "reward.misbehaving.how=refuse", NULL), -EREMOTEIO));
    cr_expect(says("misbehaving.so: not in the mood"));
}

static void recovers_from(const char *how, const char *first, const char *second) {
    double parts[4];
    start_misbehaving(how, "scorer.deadline_ms=200");
    cr_assert(eq(int, score(1, parts), 0), "%s", error.text);
    cr_expect(eq(dbl, parts[3], 2));
    cr_expect(eq(int, score(13, parts), -EREMOTEIO));
    cr_expect(says(first));
    cr_expect(says(second));
    cr_assert(eq(int, score(2, parts), 0), "%s", error.text);
    cr_expect(eq(dbl, parts[3], 2));
}

Test(scorer, survives_a_plugin_that_crashes_and_names_it) {
    recovers_from("crash", "reward/misbehaving: score crashed", "signal 11");
}

Test(scorer, survives_a_plugin_that_hangs_and_names_it) {
    recovers_from("hang", "reward/misbehaving: score missed its deadline", "200 ms");
}

Test(scorer, survives_a_plugin_that_exits_and_names_it) {
    recovers_from("exit", "reward/misbehaving: score", "exit status 3");
}

Test(scorer, calls_a_reward_that_is_not_finite_a_plugin_failure) {
    recovers_from("nan", "reward/misbehaving: score gave", "nan, expected a finite number");
}

Test(scorer, calls_an_infinite_reward_a_plugin_failure) {
    recovers_from("infinite", "reward/misbehaving: score gave inf", "finite");
}

Test(scorer, passes_on_that_a_plugin_failed) {
    recovers_from("fail", "reward/misbehaving: score failed", "No data available");
}

Test(scorer, calls_a_positive_result_a_plugin_failure) {
    recovers_from("positive", "reward/misbehaving: score returned 7", "negative errno");
}

/* What a plugin changed in turn 13 is nobody's afterwards: its value counts what is. */
static void start_spoiler(const char *how) {
    char path[256], use[300], option[64];
    abi_build(folder, "spoiler", "spoiler", path);
    snprintf(use, sizeof use, "rewards.%s=1", path);
    snprintf(option, sizeof option, "reward.spoiler.how=%s", how);
    cr_assert(eq(int, start(use, option, NULL), 0), "%s", error.text);
}

Test(scorer, puts_back_what_a_plugin_changed_of_the_process) {
    double parts[4];
    start_spoiler("process");
    pid_t first = scorer->pid;
    cr_assert(eq(int, score(1, parts), 0), "%s", error.text);
    cr_expect(eq(dbl, parts[3], 0));
    cr_assert(eq(int, score(13, parts), 0), "%s", error.text);
    cr_assert(eq(int, score(2, parts), 0), "%s", error.text);
    cr_expect(eq(dbl, parts[3], 0));
    cr_expect(eq(int, scorer->pid, first), "nothing to start anew for");
}

static void is_blamed(const char *how, const char *first, const char *second) {
    double parts[4];
    start_spoiler(how);
    cr_assert(eq(int, score(1, parts), 0), "%s", error.text);
    pid_t before = scorer->pid;
    cr_expect(eq(int, score(13, parts), -EREMOTEIO));
    cr_expect(says(first));
    cr_expect(says(second));
    cr_assert(eq(int, score(2, parts), 0), "%s", error.text);
    cr_expect(ne(int, scorer->pid, before));
}

Test(scorer, names_a_plugin_that_closes_its_hosts_descriptors) {
    is_blamed("close", "reward/spoiler: score closed or replaced descriptor 2", "starts anew");
}

Test(scorer, names_a_plugin_that_puts_another_file_in_their_place) {
    is_blamed("replace", "reward/spoiler: score closed or replaced descriptor 2", "starts anew");
}

Test(scorer, names_a_plugin_that_leaves_descriptors_open) {
    is_blamed("leak", "reward/spoiler: score leaves descriptors open", "starts anew");
}

Test(scorer, lets_no_plugin_change_the_evidence_that_the_next_one_reads) {
    is_blamed("write", "reward/spoiler: score crashed with signal 11", "starts anew");
}

Test(scorer, hears_one_answer_of_a_plugin_that_forks) {
    double parts[4];
    start_spoiler("fork");
    for (uint32_t turn = 12; turn < 16; turn++) {
        cr_assert(eq(int, score(turn, parts), 0), "%s", error.text);
        cr_expect(eq(dbl, parts[3], 0));
    }
}

Test(scorer, starts_again_when_its_child_was_killed_between_calls) {
    double parts[4];
    start_misbehaving("well", NULL);
    pid_t first = scorer->pid;
    siginfo_t info;
    cr_assert(eq(int, kill(first, SIGKILL), 0));
    cr_assert(eq(int, waitid(P_PID, (id_t)first, &info, WEXITED | WNOWAIT), 0));
    cr_assert(eq(int, score(1, parts), 0), "%s", error.text);
    cr_expect(ne(int, scorer->pid, first));
}

Test(scorer, leaves_no_child_behind) {
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    pid_t child = scorer->pid;
    hone_scorer_destroy(scorer);
    scorer = NULL;
    cr_expect(eq(int, kill(child, 0), -1));
}

/* An owner killed outright, with a plugin that hangs. */
Test(scorer, dies_with_its_owner) {
    int ends[2];
    pid_t child = 0;
    cr_assert(eq(int, pipe(ends), 0));
    pid_t self = getpid(), owner = fork();
    if (!owner) {
        hone_test_die_with(self);
        double parts[4];
        start_misbehaving("hang", "scorer.deadline_ms=600000");
        if (write(ends[1], &scorer->pid, sizeof child) == (ssize_t)sizeof child)
            score(13, parts);
        pause();
    }
    cr_assert(eq(long, read(ends[0], &child, sizeof child), (long)sizeof child));
    struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
    cr_assert(ge(int, ended.fd, 0));
    cr_assert(eq(int, kill(owner, SIGKILL), 0));
    int gone = poll(&ended, 1, 20000);
    if (!gone)
        kill(child, SIGKILL);
    cr_expect(eq(int, gone, 1));
    close(ended.fd);
    close(ends[0]);
    close(ends[1]);
    waitpid(owner, NULL, 0);
}

Test(scorer, leaves_its_child_the_usual_descriptors_its_socket_and_its_folder) {
    char path[64];
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    /* The child is not dumpable, so its folder of descriptors is closed to its own user too, but
     * not to root. */
    snprintf(path, sizeof path, "/proc/%d/fd", (int)scorer->pid);
    DIR *files = opendir(path);
    if (!files) {
        cr_expect(eq(int, errno, EACCES));
        return;
    }
    int highest = 0, count = 0;
    for (struct dirent *file; (file = readdir(files));)
        if (file->d_name[0] != '.') {
            int number = atoi(file->d_name);
            highest = number > highest ? number : highest;
            count++;
        }
    closedir(files);
    cr_expect(eq(int, highest, HONE_WIRE_SOCKET + 1));
    cr_expect(eq(int, count, 5));
}

Test(scorer, checks_evidence_before_a_plugin_sees_it) {
    double parts[3];
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    struct block block = make_block(1);
    block.evidence.workload_count = 3;
    cr_expect(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 3, &error), -EINVAL));
    cr_expect(says("an array lies outside"));
    block = make_block(1);
    block.evidence.version = 2;
    cr_expect(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 3, &error), -EINVAL));
    cr_expect(says("version 2, host has 1"));
}

static struct hone_finding rows[16];

static struct hone_finding_list inspect(const char *source) {
    struct hone_finding_list list = {.rows = rows, .capacity = 16};
    cr_assert(eq(int,
                 hone_scorer_inspect_source(scorer, "dl/softmax", "c", source, strlen(source),
                                            &list, &error),
                 0),
              "%s", error.text);
    return list;
}

static void start_reporter(const char *severity) {
    char path[256], use[300];
    abi_build(folder, "reporter", "reporter", path);
    snprintf(use, sizeof use, "detectors.%s=on", path);
    cr_assert(eq(int, start(use, severity, NULL), 0), "%s", error.text);
}

Test(scorer, hands_source_and_binary_to_detectors) {
    start_reporter(NULL);
    struct hone_finding_list list = inspect("echo me");
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(str, rows[0].rule, "c"));
    cr_expect(eq(str, rows[0].text, "dl/softmax"));
    cr_expect(eq(u32, rows[0].line, 7));
    struct hone_built built = {
        .task = "dl/softmax", .language = "c", .image = "\177ELF....", .image_bytes = 8};
    cr_assert(eq(int, hone_scorer_inspect_binary(scorer, &built, &list, &error), 0));
    cr_assert(eq(u32, list.count, 2));
    cr_expect(eq(str, rows[1].rule, "elf"));
    cr_expect(eq(u32, rows[1].severity, HONE_ZERO));
    built.listing = ".version 9.0"; /* the NUL comes with the copy */
    built.listing_bytes = 8;
    built.entries = "first second";
    cr_assert(eq(int, hone_scorer_inspect_binary(scorer, &built, &list, &error), 0));
    cr_assert(eq(u32, list.count, 4));
    cr_expect(eq(str, rows[3].rule, ".version"));
    cr_expect(eq(str, rows[3].text, "first second"));
    cr_expect(eq(u32, rows[3].line, 8));
}

Test(scorer, gives_findings_their_configured_severity) {
    start_reporter("severity.dirty=quarantine");
    struct hone_finding_list list = inspect("dirty");
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(u32, rows[0].severity, HONE_QUARANTINE));
}

Test(scorer, makes_the_text_of_findings_fit_to_show) {
    start_reporter(NULL);
    struct hone_finding_list list = inspect("dirty");
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(str, rows[0].text, "a? z \xc3\xa9"));
    cr_expect(eq(u32, rows[0].severity, HONE_WARN)); /* 77 is none */
    list = inspect("long");
    cr_expect(eq(sz, strlen(rows[0].text), sizeof rows[0].text - 1));
    cr_expect(eq(chr, rows[0].text[214], '?'));
}

Test(scorer, counts_findings_that_find_no_room) {
    start_reporter(NULL);
    struct hone_finding_list list = inspect("many");
    cr_expect(eq(u32, list.count, 16));
    cr_expect(eq(u32, list.lost, 2000 - 16));
}

/* A chatty rule, or a candidate made to be chatted about, hides nothing that costs the step. */
Test(scorer, keeps_the_worst_finding_however_many_there_are) {
    start_reporter(NULL);
    struct hone_finding_list list = inspect("bad");
    cr_assert(eq(u32, list.count, 16));
    cr_expect(eq(u32, list.lost, 2000 - 16));
    cr_expect(eq(str, rows[15].rule, "bad"));
    cr_expect(eq(u32, rows[15].severity, HONE_ZERO));
}

Test(scorer, takes_a_finding_without_any_text) {
    start_reporter(NULL);
    struct hone_finding_list list = inspect("nothing");
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(str, rows[0].rule, "reporter"));
    cr_expect(eq(str, rows[0].text, "its detector does not say what it saw"));
}

Test(scorer, leaves_an_auditing_detector_out_of_live_steps) {
    char path[256], use[300];
    abi_build(folder, "reporter", "reporter", path);
    snprintf(use, sizeof use, "detectors.%s=audit", path);
    cr_assert(eq(int, start(use, NULL, NULL), 0), "%s", error.text);
    struct hone_finding_list list = inspect("echo me");
    cr_expect(eq(u32, list.count, 0));
}

Test(scorer, reports_facts_of_a_run) {
    struct hone_finding_list list = {.rows = rows, .capacity = 16};
    struct block block = make_block(1);
    block.rows[0].facts = HONE_FACT_UNWRITTEN;
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_inspect_run(scorer, &block.evidence, &list, &error), 0), "%s",
              error.text);
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(str, rows[0].rule, "unwritten_output"));
}

Test(scorer, refuses_a_second_request_while_one_is_open) {
    double parts[3];
    struct block block = make_block(1);
    struct hone_task task = {.id = "none", .hash = "00000000000000000000000000000000"};
    struct hone_workload workload = {.id = "none"};
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_set_begin(scorer, &task, &workload, 1, -1, &error), 0));
    cr_expect(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 3, &error), -EBUSY));
    /* No task plugin is loaded, so the child knows none; it answers and lives on. */
    cr_expect(eq(int, hone_scorer_set_end(scorer, &error), -ENOENT));
    cr_expect(says("no task has the hash"));
    cr_expect(eq(int, hone_scorer_set_end(scorer, &error), -EINVAL));
    cr_expect(eq(int, hone_scorer_score(scorer, &block.evidence, parts, 3, &error), 0), "%s",
              error.text);
}

Test(scorer, lists_no_tasks_without_a_task_plugin) {
    struct hone_task **tasks;
    uint32_t count = 7;
    cr_assert(eq(int, start(NULL, NULL, NULL), 0), "%s", error.text);
    cr_assert(eq(int, hone_scorer_tasks(scorer, &tasks, &count, NULL, NULL, &error), 0));
    cr_expect(eq(u32, count, 0));
    free(tasks);
}

/* A step that was timed, as inspect_run() is asked about it. */
static struct block make_timed(uint32_t gives, uint32_t gathered) {
    struct block block = make_block(1);
    block.evidence.verdict = HONE_UNDECIDED;
    block.evidence.stages = 1u << HONE_STAGE_TIME;
    block.evidence.gives = gives;
    block.evidence.gathered = gathered;
    return block;
}

static int inspect_timed(uint32_t gives, uint32_t gathered) {
    const struct block block = make_timed(gives, gathered);
    struct hone_finding_list list = {.rows = rows, .capacity = 16};
    return hone_scorer_inspect_run(scorer, &block.evidence, &list, &error);
}

Test(scorer, fails_closed_when_a_step_lacks_what_its_device_gives) {
    cr_assert(eq(int, start("detectors.*=off", "detectors.memoization=on", NULL), 0), "%s",
              error.text);
    cr_expect(eq(int, inspect_timed(~0u, ~0u), 0), "%s", error.text);
    cr_expect(eq(int, inspect_timed(~0u, 0), -EIO));
    cr_expect(says("detector/memoization"));
    cr_expect(says("lacks same_inputs"));
    cr_expect(eq(int, inspect_timed(~0u, ~0u), 0), "%s", error.text);
}

Test(scorer, leaves_out_a_detector_whose_device_cannot_give_what_it_needs) {
    cr_assert(eq(int, start("detectors.*=off", "detectors.memoization=on", NULL), 0), "%s",
              error.text);
    cr_expect(eq(int, inspect_timed(0, 0), 0), "%s", error.text);
}

Test(scorer, shows_a_step_that_ended_early_as_it_is) {
    cr_assert(eq(int, start("detectors.*=off", "detectors.memoization=on", NULL), 0), "%s",
              error.text);
    struct block block = make_timed(~0u, 0);
    struct hone_finding_list list = {.rows = rows, .capacity = 16};
    block.evidence.verdict = HONE_WRONG;
    block.rows[1].facts = HONE_FACT_STALE;
    cr_assert(eq(int, hone_scorer_inspect_run(scorer, &block.evidence, &list, &error), 0), "%s",
              error.text);
    cr_assert(eq(u32, list.count, 1));
    cr_expect(eq(str, rows[0].rule, "memoization"));
}
