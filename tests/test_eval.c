#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <math.h>
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

TestSuite(eval, .init = make, .fini = clean, .timeout = 120);

static json_t *evaluate(int *status, const char *task, const char *source) {
    char path[128];
    snprintf(path, sizeof path, "%s/kernel.c", folders.root);
    FILE *file = fopen(path, "w");
    fputs(source, file);
    fclose(file);
    char *text = hone_test_run(&folders, status, "eval", "--task", task, "--json", "--quiet", "--trusted", path,
                               NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "not one JSON object: %s", text);
    free(text);
    return report;
}

static const char *text_of(const json_t *report, const char *key) {
    const char *text = json_string_value(json_object_get(report, key));
    return text ? text : "";
}

Test(eval, prints_every_key_whatever_the_verdict) {
    static const char *const keys[] = {
        "task",         "lang",        "device",    "verdict",  "reason",       "message",
        "reward",       "components",  "speedup",   "speedup_low", "speedup_high", "kernel_ns",
        "baseline_ns",  "noise",       "samples",   "coverage", "roofline_fraction", "workloads",
        "findings", "profile", "counters", "profile_note",     "stages",      "cached",    "emulated", "confinement",  "protocol",
        "fingerprint",  "compiled_for_gpu"};
    int status;
    json_t *report = evaluate(&status, "dl/softmax", "int");
    cr_expect(eq(int, status, 11));
    cr_expect(eq(sz, json_object_size(report), sizeof keys / sizeof *keys));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_expect(ne(ptr, json_object_get(report, keys[i]), NULL), "%s", keys[i]);
    cr_expect(eq(str, (char *)text_of(report, "verdict"), "compile_failed"));
    int is_null = json_is_null(json_object_get(report, "speedup"));
    cr_expect(eq(int, is_null, 1));
    json_decref(report);
}

Test(eval, passes_a_right_softmax) {
    int status;
    char *source = hone_test_read("tasks/dl/softmax/naive.c");
    json_t *report = evaluate(&status, "dl/softmax", source);
    cr_expect(eq(int, status, 0), "%s", text_of(report, "message"));
    double speedup = json_real_value(json_object_get(report, "speedup"));
    double low = json_real_value(json_object_get(report, "speedup_low"));
    double high = json_real_value(json_object_get(report, "speedup_high"));
    cr_expect(lt(dbl, 0, low));
    cr_expect(le(dbl, low, speedup));
    cr_expect(le(dbl, speedup, high));
    size_t index;
    json_t *row;
    int hidden = 0, bench = 0;
    json_array_foreach(json_object_get(report, "workloads"), index, row) {
        bool is_hidden = !strcmp(text_of(row, "set"), "hidden");
        hidden += is_hidden;
        bench += !strcmp(text_of(row, "set"), "bench");
        int shows_axes = !json_is_null(json_object_get(row, "axes"));
        cr_expect(eq(int, shows_axes, !is_hidden));
    }
    cr_expect(lt(int, 0, hidden));
    cr_expect(lt(int, 0, bench));
    json_decref(report);
    free(source);
}

Test(eval, tells_a_wrong_softmax_its_index_and_both_values) {
    int status;
    json_t *report = evaluate(&status, "dl/softmax",
                              "#include <math.h>\n"
                              "void solve(const float *x, float *y, int64_t rows, int64_t cols) {\n"
                              "    for (int64_t r = 0; r < rows; r++) {\n"
                              "        float sum = 0;\n"
                              "        for (int64_t c = 0; c + 1 < cols; c++)\n"
                              "            sum += expf(x[r * cols + c]);\n"
                              "        for (int64_t c = 0; c < cols; c++)\n"
                              "            y[r * cols + c] = expf(x[r * cols + c]) / sum;\n"
                              "    }\n"
                              "}\n");
    cr_expect(eq(int, status, 15));
    const char *message = text_of(report, "message");
    cr_expect(ne(ptr, strstr(message, "y["), NULL), "%s", message);
    cr_expect(ne(ptr, strstr(message, "got "), NULL), "%s", message);
    cr_expect(ne(ptr, strstr(message, "wanted "), NULL), "%s", message);
    json_decref(report);
}

Test(eval, stops_where_the_stages_say_and_calls_that_partial) {
    int status;
    char *text = hone_test_run(&folders, &status, "eval", "--task", "algebra/axpby", "--quiet",
                               "--stages", "verify", "tasks/algebra/axpby/naive.c", NULL);
    cr_expect(eq(int, status, 9));
    free(text);
}

Test(eval, refuses_wrong_usage_with_status_2) {
    int status;
    free(hone_test_run(&folders, &status, "eval", "--task", "no/such", "--quiet",
                       "tasks/algebra/axpby/naive.c", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "eval", "tasks/algebra/axpby/naive.c", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "eval", "--task", "algebra/axpby", "--set",
                       "measure.nonsense=1", "tasks/algebra/axpby/naive.c", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "eval", "--task", "algebra/axpby", "--detector",
                       "unwritten_output=maybe", "tasks/algebra/axpby/naive.c", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "eval", "--task", "algebra/axpby", "/no/such/file.c",
                       NULL));
    cr_expect(eq(int, status, 2));
}

Test(eval, keeps_a_record_that_can_be_shown) {
    int status;
    json_decref(evaluate(&status, "algebra/axpby", "int"));
    char *text = hone_test_run(&folders, &status, "show", "last", "1", NULL);
    cr_expect(eq(int, status, 0));
    cr_expect(ne(ptr, strstr(text, "compile_failed"), NULL), "%s", text);
    free(text);
}

static json_t *evaluate_gemv(const char *openblas) {
    char *source = hone_test_read("tasks/algebra/gemv/naive.c"), path[128], setting[128];
    int status;
    snprintf(path, sizeof path, "%s/kernel.c", folders.root);
    snprintf(setting, sizeof setting, "hardware.cpu.openblas=%s", openblas);
    FILE *file = fopen(path, "w");
    fputs(source, file);
    fclose(file);
    free(source);
    char *text = hone_test_run(&folders, &status, "eval", "--task", "algebra/gemv", "--json", "--quiet",
                               "--trusted", "--set", setting, path, NULL);
    json_t *report = json_loads(text, 0, NULL);
    free(text);
    cr_assert(eq(int, status, 0));
    return report;
}

/* The geometric mean over bench workloads of what a baseline took; NaN where it was not timed. */
static double mean_of(const json_t *report, const char *baseline) {
    json_t *row;
    size_t index;
    double sum = 0, count = 0;
    json_array_foreach(json_object_get(report, "workloads"), index, row) {
        const json_t *times = json_object_get(row, "baseline_ns");
        if (strcmp(text_of(row, "set"), "bench") != 0)
            continue;
        const json_t *time = json_object_get(times, baseline);
        sum += time ? log(json_number_value(time)) : (double)NAN;
        count++;
    }
    return exp(sum / count);
}

static double scored_over(const json_t *report) {
    return json_number_value(json_object_get(report, "baseline_ns"));
}

Test(eval, goes_by_tuned_c_where_the_library_is_absent_and_says_so) {
    json_t *report = evaluate_gemv("none");
    cr_expect(isnan(mean_of(report, "openblas")));
    cr_expect(epsilon_eq(dbl, scored_over(report), mean_of(report, "tuned"), 1));
    cr_expect(ne(ptr, strstr(text_of(report, "fingerprint"), "no openblas"), NULL));
    json_decref(report);
}

Test(eval, goes_by_the_library_where_there_is_one) {
    json_t *report = evaluate_gemv("libopenblas.so.0");
    const bool absent = strstr(text_of(report, "fingerprint"), "no openblas");
    const double score = scored_over(report), library = mean_of(report, "openblas");
    json_decref(report);
    if (absent)
        cr_skip_test("no openblas here");
    cr_expect(epsilon_eq(dbl, score, library, 1));
}
