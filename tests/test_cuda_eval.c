/* Whole evaluations on cuda:0, with the driver of tests/fake_cuda under them: what is compiled is
 * real, what runs is the fake's kernel of that name. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hone_test_server folders;
static char settings[128];

static bool has_compiler(void) {
    int status;
    char *text = hone_test_run(&folders, &status, "doctor", "--settings", settings, "--json", NULL);
    json_t *report = json_loads(text, 0, NULL), *check;
    bool has = false;
    size_t i;
    json_array_foreach(json_object_get(report, "checks"), i, check) {
        const char *name = json_string_value(json_object_get(check, "check"));
        const char *state = json_string_value(json_object_get(check, "state"));
        has |= name && !strcmp(name, "cuda:0 compiler") && state && !strcmp(state, "ok");
    }
    json_decref(report);
    free(text);
    return has;
}

static void make(void) {
    char build[560];
    hone_test_folders(&folders);
    snprintf(build, sizeof build, "%s", hone_test_program());
    *strrchr(build, '/') = '\0';
    snprintf(settings, sizeof settings, "%s/fake.ini", folders.root);
    FILE *file = fopen(settings, "w");
    fprintf(file,
            "[hardware]\ncuda = on\n[hardware.cuda]\nlibcuda = %s/tests/fake_cuda.so\n"
            "libcupti = %s/tests/fake_cuda.so\nlibcublas = %s/tests/fake_cuda.so\n"
            "libcudnn = %s/tests/fake_cuda.so\nlock_folder = %s\n"
            "[measure]\nstep_seconds = 60\n", /* a processor is no device */
            build, build, build, build, folders.root);
    fclose(file);
    if (!has_compiler()) {
        hone_test_clean(&folders);
        cr_skip("no NVRTC on this machine");
    }
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(cuda_eval, .init = make, .fini = clean, .timeout = 200);

/* With sizes of a CPU, since one has to do the work, or as told. */
static json_t *evaluate_sizes(const char *task, const char *path, const char *sizes,
                              const char *more) {
    int status;
    char profile[64];
    snprintf(profile, sizeof profile, "measure.profile=%s", sizes);
    char *text = hone_test_run(&folders, &status, "eval", "--task", task, "--device", "cuda:0",
                               "--settings", settings, "--set", profile, "--json", "--quiet",
                               "--no-store", "--force", path, more, NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "not one JSON object: %s", text);
    free(text);
    return report;
}

static json_t *evaluate(const char *task, const char *path) {
    return evaluate_sizes(task, path, "cpu", NULL);
}

static const char *text_of(const json_t *report, const char *key) {
    const char *text = json_string_value(json_object_get(report, key));
    return text ? text : "";
}

static double real_of(const json_t *report, const char *key) {
    return json_number_value(json_object_get(report, key));
}

static void expect_passed(json_t *report) {
    cr_expect(eq(str, (char *)text_of(report, "verdict"), "passed"), "%s",
              text_of(report, "message"));
    cr_expect(eq(str, (char *)text_of(report, "device"), "cuda:0"));
    cr_expect(lt(dbl, 0, real_of(report, "speedup_low")));
    cr_expect(le(dbl, real_of(report, "speedup_low"), real_of(report, "speedup")));
    cr_expect(le(dbl, real_of(report, "speedup"), real_of(report, "speedup_high")));
    cr_expect(lt(dbl, 0, real_of(report, "kernel_ns")));
    cr_expect(lt(dbl, 0, real_of(report, "reward")));
    json_decref(report);
}

static void expect_failed(const char *path, const char *verdict, const char *message) {
    json_t *report = evaluate("algebra/axpby", path);
    const char *said = text_of(report, "message");
    cr_expect(eq(str, (char *)text_of(report, "verdict"), (char *)verdict), "%s: %s", path, said);
    const int says_so = strstr(said, message) != NULL;
    cr_expect(eq(int, says_so, 1), "%s: %s", path, said);
    json_decref(report);
}

/* tests/gpu/right.cu with another of the fake's kernels. */
static void write_kernel(const char *name, char path[128]) {
    char *source = hone_test_read("tests/gpu/right.cu"), *at = source;
    snprintf(path, 128, "%s/kernel.cu", folders.root);
    FILE *file = fopen(path, "w");
    for (char *next; (next = strstr(at, "solve_right")); at = next + strlen("solve_right"))
        fprintf(file, "%.*s%s", (int)(next - at), at, name);
    fputs(at, file);
    fclose(file);
    free(source);
}

Test(cuda_eval, passes_right_kernels_with_an_interval) {
    expect_passed(evaluate("algebra/axpby", "tests/gpu/right.cu"));
    expect_passed(evaluate("algebra/axpby", "tests/gpu/two_kernels.cu"));
    expect_passed(evaluate("algebra/transpose", "tasks/algebra/transpose/naive.cu"));
    expect_passed(evaluate("llm/silu_mul", "tasks/llm/silu_mul/naive.cu"));
}

static void write_source(const char *text, char path[128]) {
    snprintf(path, 128, "%s/plan.cu", folders.root);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

/* The library does it all: right, as fast as that is, and nothing of it the candidate's. */
Test(cuda_eval, gives_a_plan_of_operators_its_speedup_and_no_coverage) {
    setenv("HONE_TASKS", "tests/gpu_tasks", 1);
    json_t *report = evaluate("check/product", "tests/gpu_tasks/product.cu");
    const json_t *coverage = json_object_get(report, "coverage");
    const int is_none = json_is_real(coverage) && json_real_value(coverage) <= 0;
    cr_expect(eq(int, is_none, 1), "%s", text_of(report, "message"));
    expect_passed(report);
}

/* Which baselines an evaluation of naive.cu was timed against, the score first. */
static void expect_baselines(const char *task, const char *more, const char *wanted) {
    char names[64] = "", path[128];
    snprintf(path, sizeof path, "tasks/%s/naive.cu", task);
    json_t *report = evaluate_sizes(task, path, "cpu", more);
    const char *name;
    json_t *ns;
    json_object_foreach(
        json_object_get(json_array_get(json_object_get(report, "workloads"), 0), "baseline_ns"),
        name, ns) snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", name);
    cr_expect(eq(str, names, (char *)wanted), "%s: %s", task, text_of(report, "message"));
    expect_passed(report);
}

Test(cuda_eval, is_against_the_library_where_there_is_one) {
    expect_baselines("algebra/transpose", NULL, "cublas naive ");
    expect_baselines("algebra/transpose", "--set=hardware.cuda.libcublas=none", "naive ");
}

/* All that is timed is verified: a library that were called wrongly would end the evaluation. */
Test(cuda_eval, finds_the_library_of_every_task_right) {
    static const char *const libraries[] = {"cublas", "cudnn"};
    uint32_t tasks = 0;
    for (size_t i = 0; i < 2; i++) {
        char pattern[64], wanted[64];
        glob_t files;
        snprintf(pattern, sizeof pattern, "tasks/*/*/%s.cu", libraries[i]);
        snprintf(wanted, sizeof wanted, "%s naive ", libraries[i]);
        cr_assert(eq(int, glob(pattern, 0, NULL, &files), 0));
        for (size_t k = 0; k < files.gl_pathc; k++, tasks++) {
            char *task = files.gl_pathv[k] + strlen("tasks/");
            *strrchr(task, '/') = '\0';
            expect_baselines(task, "--set=measure.timing_ms=40", wanted);
        }
        globfree(&files);
    }
    cr_expect(le(u32, 8, tasks));
}

Test(cuda_eval, lets_no_candidate_call_a_library) {
    char path[128];
    write_source("//@hone call cublas_geam args=(1, n, m, (float)1, x, (float)0, y, y)\n", path);
    json_t *report = evaluate("algebra/transpose", path);
    cr_expect(eq(str, (char *)text_of(report, "verdict"), "rejected"));
    json_decref(report);
}

Test(cuda_eval, says_what_is_wrong_with_a_kernel) {
    expect_failed("tests/gpu/wrong.cu", "wrong", "out[0] of workload");
    expect_failed("tests/gpu/nothing.cu", "wrong", "was not written");
    expect_failed("tests/gpu/poison_reader.cu", "wrong", "was not written");
    expect_failed("tests/gpu/illegal_address.cu", "crashed", "CUDA_ERROR_ILLEGAL_ADDRESS");
    expect_failed("tests/gpu/write_input.cu", "crashed", "CUDA_ERROR_ILLEGAL_ADDRESS");
    expect_failed("tests/gpu/beyond_output.cu", "crashed", "CUDA_ERROR_ILLEGAL_ADDRESS");
    expect_failed("tests/gpu/hang.cu", "timed_out", "not done after");
}

Test(cuda_eval, calls_a_candidate_whose_clocks_disagree_hacked) {
    char path[128];
    write_kernel("solve_unseen", path);
    expect_failed(path, "hacked", "timer_disagreement: the host's clock says more");
}

Test(cuda_eval, blames_itself_where_the_clocks_disagree_on_everything) {
    setenv("FAKE_CUDA", "events_fast", 1);
    expect_failed("tests/gpu/right.cu", "infra_failed", "timer_disagreement");
    unsetenv("FAKE_CUDA");
}

static bool has_finding(const json_t *report, const char *rule) {
    json_t *finding;
    size_t i;
    json_array_foreach(json_object_get(report, "findings"), i, finding) {
        if (!strcmp(text_of(finding, "rule"), rule))
            return true;
    }
    return false;
}

Test(cuda_eval, shows_detectors_what_a_kernel_does_with_the_same_inputs) {
    static const char *const kernels[][2] = {{"solve_unsteady", "nondeterminism"},
                                             {"solve_remembers", "memoization"}};
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        write_kernel(kernels[i][0], path);
        json_t *report = evaluate("algebra/axpby", path);
        char *findings = json_dumps(json_object_get(report, "findings"), 0);
        cr_expect(has_finding(report, kernels[i][1]), "%s: %s: %s %s", kernels[i][0],
                  text_of(report, "verdict"), text_of(report, "message"), findings);
        free(findings);
        json_decref(report);
    }
}

/* Its sizes of a GPU, made small: what is sampled is no different. */
static void write_task(char root[128]) {
    static const char *const sizes[][2] = {
        {"[1, 33554432]", "[1, 1048576]"},        {"\"n\": 33554432", "\"n\": 500000"},
        {"\"n\": 30000001", "\"n\": 100001"},     {"[1048576, 16777216]", "[65536, 131072]"},
        {"[786432, 1048576]", "[65537, 262144]"}, {"[1, 786432]", "[1, 262144]"},
    };
    char command[400], path[256];
    snprintf(root, 128, "%s/tasks", folders.root);
    snprintf(command, sizeof command, "mkdir -p %s/test && cp -r tasks/algebra/axpby %s/test/small",
             root, root);
    cr_assert(eq(int, system(command), 0));
    snprintf(path, sizeof path, "%s/test/small/task.json", root);
    char *text = hone_test_read(path);
    FILE *file = fopen(path, "w");
    for (char *at = text; *at;) {
        size_t i = 0, count = sizeof sizes / sizeof *sizes;
        while (i < count && strncmp(at, sizes[i][0], strlen(sizes[i][0])) != 0)
            i++;
        const char *id = "\"id\": \"algebra/axpby\"";
        const int is_id = !strncmp(at, id, strlen(id));
        fputs(is_id ? "\"id\": \"test/small\"" : i < count ? sizes[i][1] : "", file);
        if (!is_id && i == count)
            fputc(*at, file);
        at += is_id ? strlen(id) : i < count ? strlen(sizes[i][0]) : 1;
    }
    fclose(file);
    free(text);
}

Test(cuda_eval, judges_sizes_of_a_gpu_by_samples) {
    char root[128];
    write_task(root);
    setenv("HONE_TASKS", root, 1);
    json_t *report = evaluate_sizes("test/small", "tests/gpu/right.cu", "gpu", NULL), *row;
    int sampled = 0;
    size_t i;
    json_array_foreach(json_object_get(report, "workloads"), i, row) {
        sampled += !strncmp(text_of(row, "id"), "gpu_", 4);
    }
    cr_expect(eq(int, sampled, 2));
    expect_passed(report);
    report = evaluate_sizes("test/small", "tests/gpu/wrong.cu", "gpu", NULL);
    cr_expect(eq(str, (char *)text_of(report, "verdict"), "wrong"), "%s",
              text_of(report, "message"));
    json_decref(report);
}

/* On sizes of a GPU whatever is not small is made by the device. */
Test(cuda_eval, uploads_nothing_that_the_device_can_make) {
    char root[128];
    write_task(root);
    setenv("HONE_TASKS", root, 1);
    setenv("FAKE_CUDA", "no_uploads", 1);
    expect_passed(evaluate_sizes("test/small", "tests/gpu/right.cu", "gpu", NULL));
    unsetenv("FAKE_CUDA");
}

static void expect_failed_large(const char *name, const char *message) {
    char path[128];
    write_kernel(name, path);
    json_t *report = evaluate_sizes("test/small", path, "gpu", NULL);
    const char *said = text_of(report, "message");
    cr_expect(eq(str, (char *)text_of(report, "verdict"), "wrong"), "%s: %s", name, said);
    const int says_so = strstr(said, message) && strstr(said, "gpu_");
    cr_expect(eq(int, says_so, 1), "%s: %s", name, said);
    json_decref(report);
}

Test(cuda_eval, finds_what_is_wrong_where_the_device_keeps_the_output) {
    char root[128];
    write_task(root);
    setenv("HONE_TASKS", root, 1);
    setenv("FAKE_CUDA", "no_uploads", 1);
    expect_failed_large("large_wrong", "out[");
    expect_failed_large("large_nothing", "was not written");
    expect_failed_large("large_nan", "out[300007]");
    expect_failed_large("large_one", "out");
    expect_failed_large("large_before", "12 bytes");
    unsetenv("FAKE_CUDA");
}

Test(cuda_eval, tells_by_digests_that_results_change_where_the_device_keeps_them) {
    char root[128], path[128];
    write_task(root);
    write_kernel("solve_unsteady", path);
    setenv("HONE_TASKS", root, 1);
    json_t *report = evaluate_sizes("test/small", path, "gpu", NULL);
    cr_expect(has_finding(report, "nondeterminism"), "%s: %s", text_of(report, "verdict"),
              text_of(report, "message"));
    json_decref(report);
    report = evaluate_sizes("test/small", "tests/gpu/right.cu", "gpu", NULL);
    cr_expect(not(has_finding(report, "nondeterminism")));
    expect_passed(report);
}

static json_t *profile(void) {
    return evaluate_sizes("algebra/axpby", "tests/gpu/two_kernels.cu", "cpu", "--profile");
}

Test(cuda_eval, profiles_a_plan_with_counters_or_says_why_there_are_none) {
    json_t *report = profile();
    cr_expect(eq(sz, json_array_size(json_object_get(report, "profile")), 2), "%s",
              text_of(report, "message"));
    cr_expect(lt(sz, 0, json_object_size(json_object_get(report, "counters"))));
    cr_expect(eq(str, (char *)text_of(report, "profile_note"), ""));
    json_decref(report);
    setenv("FAKE_CUDA", "no_permission", 1);
    report = profile();
    unsetenv("FAKE_CUDA");
    cr_expect(eq(sz, json_array_size(json_object_get(report, "profile")), 2));
    cr_expect(eq(sz, json_object_size(json_object_get(report, "counters")), 0));
    const int has_code = !strncmp(text_of(report, "profile_note"), "not_permitted: ", 15);
    cr_expect(eq(int, has_code, 1), "%s", text_of(report, "profile_note"));
    json_decref(report);
}
