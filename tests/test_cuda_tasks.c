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

/* Every workload but those of the clock, in all orders, and the debug ones in the checking build.
 */
Test(cuda_tasks, finds_nothing_wrong_with_any_task_s_naive_kernel) {
    glob_t files;
    if (!hone_test_emulates())
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

static bool has_nvrtc(void) {
    int status;
    char *text = hone_test_run(&folders, &status, "doctor", NULL);
    const char *line = strstr(text, "cuda compiler");
    while (line && line > text && line[-1] != '\n')
        line--;
    const bool there = line && strncmp(line, "ok ", 3) == 0;
    free(text);
    return there;
}

/* The whole for a kernel of axpby with this statement in front. */
static json_t *step(int *status, const char *choice, const char *stages, const char *statement) {
    char path[128];
    snprintf(path, sizeof path, "%s/axpby.cu", folders.root);
    FILE *file = fopen(path, "w");
    fprintf(file,
            "//@hone launch k grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)\n"
            "extern \"C\" __global__ void k(const float *x, const float *y, float a, float b,\n"
            "                             float *out, int64_t n) {\n"
            "    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;\n"
            "    %s\n"
            "    if (i < n)\n        out[i] = a * x[i] + b * y[i];\n}\n",
            statement);
    fclose(file);
    char *text =
        hone_test_run(&folders, status, "eval", "--task", "algebra/axpby", "--json", "--quiet",
                      "--trusted", "--set", choice, "--stages", stages, path, NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "not one JSON object: %s", text);
    free(text);
    return report;
}

static void expect_native(const char *choice, const char *stages, const char *statement,
                          const char *verdict, int compiled) {
    int status;
    json_t *report = step(&status, choice, stages, statement);
    const char *message = json_string_value(json_object_get(report, "message"));
    cr_expect(
        eq(str, (char *)json_string_value(json_object_get(report, "verdict")), (char *)verdict),
        "%s, %s: %s", choice, stages, message);
    cr_expect(eq(int, json_is_true(json_object_get(report, "compiled_for_gpu")), compiled),
              "%s, %s", choice, stages);
    if (strcmp(verdict, "compile_failed") == 0)
        cr_expect(strstr(message, "for a GPU: solve.cu:5") != NULL, "%s", message);
    json_decref(report);
}

/* g++ takes the type, NVRTC does not. */
Test(cuda_tasks, holds_an_emulated_candidate_to_what_nvrtc_takes) {
    static const char only_here[] = "if ((__int128)i < 0) return;";
    static const char verify[] = "admit,compile,inspect_binary,verify";
    static const char time[] = "admit,compile,inspect_binary,verify,time";
    if (!hone_test_emulates() || !has_nvrtc())
        cr_skip("no C++ compiler or no NVRTC here");
    expect_native("compile.nvrtc=on", verify, only_here, "compile_failed", 0);
    expect_native("compile.nvrtc=on", verify, "", "partial", 1);
    expect_native("compile.nvrtc=auto", verify, only_here, "partial", 0);
    expect_native("compile.nvrtc=auto", time, only_here, "compile_failed", 0);
    expect_native("compile.nvrtc=off", verify, only_here, "partial", 0);
}

/* Forward alone would let it pass. */
Test(cuda_tasks, tells_a_missing_barrier_with_its_kernel_and_threads) {
    if (!hone_test_emulates())
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
