/* Tasks whose inputs and truth are a plugin's own: through a scorer, and judged by `hone eval`. */
#include "core/inputs.h"
#include "core/scorer.h"
#include "tests/abi/build.h"
#include "tests/support.h"

#include <errno.h>
#include <sys/mman.h>

static struct hone_test_server server; /* folders only */
static char folder[64], plugin[256];

/* test_scorer.c makes this program its own scorer. */
static void begin(void) {
    setenv("HONE_PROGRAM", "/proc/self/exe", 1);
    abi_folder(folder);
    abi_build(folder, "made_task", "made_task", plugin);
    hone_test_folders(&server);
}

static void end(void) {
    abi_remove(folder);
    hone_test_clean(&server);
}

TestSuite(task_made, .init = begin, .fini = end, .timeout = 120);

/* The set of its first workload, in *bytes, which the caller unmaps when the result is 0. */
static int fill(const char *how, struct hone_set_layout *layout, char **bytes,
                struct hone_error *error) {
    struct hone_settings *settings;
    struct hone_scorer *scorer;
    struct hone_task **tasks;
    uint32_t count;
    char use[300], option[64];
    snprintf(use, sizeof use, "tasks.%s=on", plugin);
    snprintf(option, sizeof option, "task.made_task.how=%s", how);
    const char *const overrides[] = {"tasks.*=off", use, option, NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, &settings, error), 0), "%s", error->text);
    cr_assert(eq(int, hone_scorer_create(settings, &scorer, error), 0), "%s", error->text);
    cr_assert(eq(int, hone_scorer_tasks(scorer, &tasks, &count, NULL, NULL, error), 0));
    cr_assert(eq(u32, count, 1));
    const struct hone_workload *workload = &tasks[0]->workloads[0];
    hone_set_layout(tasks[0], workload, layout);
    int file = memfd_create("set", MFD_CLOEXEC);
    cr_assert(eq(int, ftruncate(file, (off_t)layout->total_bytes), 0));
    int result = hone_scorer_set(scorer, tasks[0], workload, 42, file, error);
    if (!result)
        *bytes = mmap(NULL, layout->total_bytes, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    hone_task_destroy(tasks[0]);
    free(tasks);
    hone_scorer_destroy(scorer);
    hone_settings_close(settings);
    return result;
}

Test(task_made, has_the_inputs_and_the_truth_of_its_plugin) {
    struct hone_set_layout layout;
    struct hone_error error;
    char *bytes;
    cr_assert(eq(int, fill("well", &layout, &bytes, &error), 0), "%s", error.text);
    const float *x = (const void *)(bytes + layout.input_offset[0]);
    const double *y = (const void *)(bytes + layout.oracle_offset[1]);
    for (uint64_t i = 0; i < 7; i++) {
        cr_expect(eq(dbl, (double)x[i], (double)((42 + i * 7919) % 1000) / 16));
        cr_expect(eq(dbl, y[i], 2 * (double)x[i]));
    }
    munmap(bytes, layout.total_bytes);
}

/* A plugin's failure, as every other one of its is. */
Test(task_made, is_to_blame_for_an_element_that_its_oracle_leaves_unwritten) {
    struct hone_set_layout layout;
    struct hone_error error;
    char *bytes;
    cr_assert(eq(int, fill("oracle_leave", &layout, &bytes, &error), -EREMOTEIO));
    cr_expect(ne(ptr, strstr(error.text, "left element 0 of y unwritten"), NULL), "%s", error.text);
}

static char *judge(const char *how, const char *source, int *status) {
    char use[300], option[64], path[128];
    snprintf(use, sizeof use, "tasks.%s=on", plugin);
    snprintf(option, sizeof option, "task.made_task.how=%s", how);
    snprintf(path, sizeof path, "%s/candidate.c", server.root);
    FILE *file = fopen(path, "w");
    fputs(source, file);
    fclose(file);
    return hone_test_run(&server, status, "eval", "--quiet", "--no-store", "--trusted", "--set",
                         use, "--set", option, "--set", "scorer.deadline_ms=500", "--task",
                         "made/double", path, NULL);
}

#define SOLVE(what)                                                                                \
    "void solve(const float *x, float *y, int64_t n) {\n"                                          \
    "    for (int64_t i = 0; i < n; i++)\n"                                                        \
    "        y[i] = " what ";\n"                                                                   \
    "}\n"

Test(task_made, judges_candidates_by_it) {
    int status;
    char *text = judge("well", SOLVE("x[i] + x[i]"), &status);
    cr_expect(eq(int, status, 0), "%s", text);
    free(text);
    text = judge("well", SOLVE("x[i] + 2"), &status);
    cr_expect(eq(int, status, 15), "%s", text);
    free(text);
}

/* A fault of ours, and nobody's reward: the plugin is named. */
Test(task_made, ends_a_step_infra_failed_when_its_plugin_does_not_answer) {
    const char *const ways[] = {"inputs_crash", "inputs_fail", "oracle_crash", "oracle_fail",
                                "oracle_change"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        int status;
        char *text = judge(ways[i], SOLVE("x[i] + x[i]"), &status);
        cr_expect(eq(int, status, 20), "%s: %s", ways[i], text);
        cr_expect(ne(ptr, strstr(text, "made_task"), NULL), "%s: %s", ways[i], text);
        free(text);
    }
}

Test(task_made, is_not_asked_for_more_tasks_than_there_can_be) {
    int status;
    char *text = judge("count_lie", SOLVE("x[i] + x[i]"), &status);
    cr_expect(eq(int, status, 1), "%s", text);
    free(text);
}
