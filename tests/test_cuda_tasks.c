/* The tasks' own kernels in CUDA, emulated: judged as candidates by a whole `hone eval`. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hone_test_server folders;

static void make(void) {
    hone_test_folders(&folders);
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(cuda_tasks, .init = make, .fini = clean, .timeout = 240);

static json_t *evaluate(int *status, const char *task, const char *path) {
    char *text = hone_test_run(&folders, status, "eval", "--task", task, "--json", "--quiet",
                               "--trusted", "--stages", "admit,compile,verify", path, NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "not one JSON object: %s", text);
    free(text);
    return report;
}

static bool may_run(void) {
    return !system("command -v g++ >/dev/null || command -v clang++ >/dev/null");
}

/* Every workload but those of the clock, in all orders, and the debug ones in the checking build.
 */
Test(cuda_tasks, finds_nothing_wrong_with_any_task_s_naive_kernel) {
    glob_t files;
    if (!may_run())
        cr_skip("no C++ compiler for cuda sources here");
    cr_assert(eq(int, glob("tasks/*/*/naive.cu", 0, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, 20));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char task[128];
        int status;
        snprintf(task, sizeof task, "%s", files.gl_pathv[i] + strlen("tasks/"));
        *strrchr(task, '/') = '\0';
        json_t *report = evaluate(&status, task, files.gl_pathv[i]);
        cr_expect(eq(int, status, 9), "%s: %s", task,
                  json_string_value(json_object_get(report, "message")));
        const int emulated = json_is_true(json_object_get(report, "emulated"));
        cr_expect(eq(int, emulated, 1), "%s", task);
        json_decref(report);
    }
    globfree(&files);
}

/* Forward alone would let it pass. */
Test(cuda_tasks, tells_a_missing_barrier_with_its_kernel_and_threads) {
    if (!may_run())
        cr_skip("no C++ compiler for cuda sources here");
    char path[128];
    int status;
    snprintf(path, sizeof path, "%s/softmax.cu", folders.root);
    FILE *from = fopen("tasks/dl/softmax/naive.cu", "r"), *to = fopen(path, "w");
    char line[512];
    bool dropped = false;
    while (fgets(line, sizeof line, from)) {
        const bool barrier = strstr(line, "        __syncthreads();") != NULL;
        if (!barrier || dropped)
            fputs(line, to);
        dropped |= barrier;
    }
    fclose(from);
    fclose(to);
    json_t *report = evaluate(&status, "dl/softmax", path);
    const char *message = json_string_value(json_object_get(report, "message"));
    cr_expect(eq(int, status, 15), "%s", message);
    cr_expect(strstr(message, "race on byte") && strstr(message, "kernel softmax") &&
                  strstr(message, "__syncthreads() is missing"),
              "%s", message);
    json_decref(report);
}
