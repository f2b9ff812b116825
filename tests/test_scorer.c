#include "core/evidence.h"
#include "core/scorer.h"
#include "core/oracle.h"
#include "core/scorer_process.h"
#include "tests/abi/build.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

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

static void recovers_from(const char *how, const char *first, const char *second) {
    double parts[4];
    start_misbehaving(how, "scorer.deadline_ms=200");
    cr_assert(eq(int, score(1, parts), 0), "%s", error.text);
    cr_expect(eq(dbl, parts[3], 2));
    cr_expect(eq(int, score(13, parts), -EIO));
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
    pid_t owner = fork();
    if (!owner) {
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

Test(scorer, gives_its_child_three_descriptors_and_the_usual_ones) {
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
    cr_expect(eq(int, highest, HONE_WIRE_EXCHANGE));
    cr_expect(eq(int, count, 6));
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

/* Every way an offset, a count or a text can leave the block. */
Test(scorer, accepts_no_evidence_that_leaves_its_block) {
    struct block good = make_block(1);
    cr_assert(eq(int, hone_evidence_check(&good, sizeof good, &error), 0), "%s", error.text);
    cr_expect(eq(int, hone_evidence_check(&good, sizeof good - 1, &error), -EINVAL));
    cr_expect(eq(int, hone_evidence_check(&good, 8, &error), -EINVAL));
#define BAD(change)                                                                                \
    do {                                                                                           \
        struct block block = good;                                                                 \
        block.change;                                                                              \
        cr_expect(eq(int, hone_evidence_check(&block, sizeof block, &error), -EINVAL), #change);   \
    } while (0)
    BAD(evidence.size = 8);
    BAD(evidence.bytes = sizeof block + 8);
    BAD(evidence.workload_offset = 0);
    BAD(evidence.workload_offset += 4);
    BAD(evidence.workload_offset = UINT32_MAX - 7);
    BAD(evidence.workload_count = UINT32_MAX);
    BAD(evidence.workload_size = 8);
    BAD(evidence.workload_size = UINT32_MAX - 7);
    BAD(evidence.profile_count = 1);
    BAD(evidence.finding_count = 1);
    BAD(evidence.verdict = HONE_VERDICT_COUNT);
    BAD(evidence.reason = HONE_REASON_COUNT);
    BAD(evidence.baseline_count = HONE_BASELINES_MAX + 1);
    BAD(rows[1].axis_count = HONE_AXES_MAX + 1);
    BAD(rows[1].baseline_count = HONE_BASELINES_MAX + 1);
    struct block endless = good;
    memset(endless.rows[0].id, 'x', sizeof endless.rows[0].id);
    cr_expect(eq(int, hone_evidence_check(&endless, sizeof endless, &error), -EINVAL));
    endless = good;
    memset(endless.evidence.language, 'x', sizeof endless.evidence.language);
    cr_expect(eq(int, hone_evidence_check(&endless, sizeof endless, &error), -EINVAL));
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

/* ---- oracles: built by content ---- */

static uint32_t count_files(const char *path) {
    uint32_t count = 0;
    DIR *files = opendir(path);
    for (struct dirent *file; files && (file = readdir(files));)
        count += file->d_name[0] != '.';
    if (files)
        closedir(files);
    return count;
}

static void use_cache(char cache[128]) {
    snprintf(cache, 128, "%s/hone/oracles", folder);
    setenv("XDG_CACHE_HOME", folder, 1);
}

static void drop_cache(char cache[128]) {
    abi_remove(cache);
    *strrchr(cache, '/') = '\0';
    rmdir(cache);
}

static const char doubles[] = "#include <stdint.h>\n"
                              "void hone_call_0(const uint64_t *w) {\n"
                              "    double *y = (double *)w[0];\n"
                              "    y[0] = 2 * y[0];\n}\n";

Test(scorer, builds_an_oracle_once_by_content) {
    char cache[128];
    struct hone_oracle oracle;
    double y = 21;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    oracle.call((const uint64_t[]){(uint64_t)(uintptr_t)&y});
    cr_expect(eq(dbl, y, 42));
    cr_expect(eq(u32, count_files(cache), 1));
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_expect(eq(u32, count_files(cache), 1));
    drop_cache(cache);
}

Test(scorer, says_why_an_oracle_does_not_compile) {
    char cache[128];
    struct hone_oracle oracle;
    use_cache(cache);
    cr_expect(
        eq(int, hone_oracle_build("#line 1 \"oracle.c\"\nint x = ;\n", &oracle, &error), -EIO));
    cr_expect(says("oracle.c:1:9: error"));
    cr_expect(eq(u32, count_files(cache), 0));
    drop_cache(cache);
}

Test(scorer, builds_an_oracle_again_when_its_file_is_broken) {
    char cache[128], path[600] = "";
    struct hone_oracle oracle;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    DIR *files = opendir(cache);
    for (struct dirent *file; (file = readdir(files));)
        if (file->d_name[0] != '.')
            snprintf(path, sizeof path, "%s/%s", cache, file->d_name);
    closedir(files);
    /* A new file: the mapped one must stay as it is. */
    cr_assert(eq(int, unlink(path), 0));
    FILE *broken = fopen(path, "w");
    fputs("half", broken);
    fclose(broken);
    cr_expect(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_expect(ne(ptr, (void *)(uintptr_t)oracle.call, NULL));
    drop_cache(cache);
}

Test(scorer, loads_no_oracle_from_a_folder_others_may_write) {
    char cache[128];
    struct hone_oracle oracle;
    use_cache(cache);
    cr_assert(eq(int, hone_oracle_build(doubles, &oracle, &error), 0), "%s", error.text);
    cr_assert(eq(int, chmod(cache, 0777), 0));
    cr_expect(eq(int, hone_oracle_build(doubles, &oracle, &error), -EPERM));
    cr_expect(says("mode 0700"));
    drop_cache(cache);
}

/* A task by hand: f16 in, f32 inout, an f32 scalar, an axis, f32 out. */
static const struct hone_task by_hand = {
    .id = "test/by_hand",
    .axis_count = 1,
    .arg_count = 5,
    .args = {{.name = "x", .role = HONE_IN, .dtype = HONE_F16, .ndim = 1},
             {.name = "z", .role = HONE_INOUT, .dtype = HONE_F32, .ndim = 1},
             {.name = "a", .role = HONE_SCALAR, .dtype = HONE_F32},
             {.name = "n", .role = HONE_AXIS, .dtype = HONE_I64},
             {.name = "y", .role = HONE_OUT, .dtype = HONE_F32, .ndim = 1}}};
static const struct hone_workload of_four = {.id = "four", .axes = {4}, .scalar = {0, 0, 0.5}};
static const struct hone_set_layout layout = {
    .total_bytes = 256,
    .input_offset = {0, 64, UINT64_MAX, UINT64_MAX, UINT64_MAX},
    .oracle_offset = {UINT64_MAX, 128, UINT64_MAX, UINT64_MAX, 192},
    .count = {4, 4, 0, 0, 4}};

static void by_hand_oracle(const uint64_t *words) {
    const uint16_t *x = (const void *)(uintptr_t)words[0];
    double *z = (void *)(uintptr_t)words[1], *y = (void *)(uintptr_t)words[4];
    uint32_t bits = (uint32_t)words[2];
    float a;
    memcpy(&a, &bits, sizeof a);
    for (uint64_t i = 0; i < words[3]; i++) {
        y[i] = x[i];
        z[i] += (double)a;
    }
}

static void lazy_oracle(const uint64_t *words) {
    double *y = (void *)(uintptr_t)words[4];
    y[0] = y[1] = y[3] = 1;
}

Test(scorer, runs_an_oracle_on_words_with_outputs_in_double) {
    _Alignas(64) unsigned char memory[256] = {0};
    const uint16_t x[4] = {1, 2, 3, 4};
    const float z[4] = {1, 2, 3, 4};
    double got[4];
    memcpy(memory, x, sizeof x);
    memcpy(memory + 64, z, sizeof z);
    const struct hone_oracle oracle = {by_hand_oracle};
    cr_assert(eq(int, hone_oracle_run(&oracle, &by_hand, &of_four, &layout, memory, &error), 0),
              "%s", error.text);
    memcpy(got, memory + 128, sizeof got);
    cr_expect(eq(dbl, got[0], 1.5));
    cr_expect(eq(dbl, got[3], 4.5));
    memcpy(got, memory + 192, sizeof got);
    cr_expect(eq(dbl, got[2], 3));
}

Test(scorer, catches_an_oracle_that_leaves_an_element_unwritten) {
    _Alignas(64) unsigned char memory[256] = {0};
    const struct hone_oracle oracle = {lazy_oracle};
    cr_assert(eq(int, hone_oracle_run(&oracle, &by_hand, &of_four, &layout, memory, &error), -EIO));
    cr_expect(says("test/by_hand: the oracle left element 2 of y unwritten"));
}

Test(scorer, converts_every_dtype_of_an_inout_to_double) {
    static const struct {
        enum hone_dtype dtype;
        uint64_t bits;
        double wanted;
    } cases[] = {
        {HONE_F64, 0x3ff8000000000000, 1.5},
        {HONE_F32, 0x3fc00000, 1.5},
        {HONE_F16, 0x3e00, 1.5},
        {HONE_F16, 0x8001, -0x1p-24},
        {HONE_F16, 0x7bff, 65504},
        {HONE_F16, 0xfc00, -INFINITY},
        {HONE_BF16, 0x3fc0, 1.5},
        {HONE_I64, (uint64_t)-3, -3},
        {HONE_I32, (uint32_t)-3, -3},
        {HONE_U8, 200, 200},
        {HONE_BOOL, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hone_task task = {
            .id = "t", .arg_count = 1, .args = {{.role = HONE_INOUT, .dtype = cases[i].dtype}}};
        const struct hone_set_layout place = {
            .total_bytes = 128, .input_offset = {0}, .oracle_offset = {64}, .count = {1}};
        _Alignas(64) unsigned char memory[128] = {0};
        double got;
        memcpy(memory, &cases[i].bits, 8);
        hone_oracle_prepare(&task, &place, memory);
        memcpy(&got, memory + 64, sizeof got);
        cr_expect(eq(dbl, got, cases[i].wanted), "case %zu", i);
    }
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
