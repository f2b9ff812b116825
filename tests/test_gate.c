/* The admission gate: weak tasks are refused for the reason written beside them, good ones are
 * accepted, and the commands around it do what they say. */
#include "core/gate_private.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CODES_MAX 64

struct name {
    char text[64];
};

static struct hone_test_server folders;

static void make(void) {
    hone_test_folders(&folders);
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(gate, .init = make, .fini = clean, .timeout = 200);

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- weak tasks ---- */

/* The distinct codes a task is refused by, sorted; "accepted" when there are none. */
static uint32_t read_codes(const json_t *report, char *codes[CODES_MAX]) {
    const json_t *refusals = json_object_get(report, "refusals");
    uint32_t count = 0;
    for (size_t i = 0; i < json_array_size(refusals) && count < CODES_MAX; i++) {
        const char *code = json_string_value(json_object_get(json_array_get(refusals, i), "code"));
        bool known = false;
        for (uint32_t k = 0; k < count; k++)
            known |= !strcmp(codes[k], code);
        if (!known)
            codes[count++] = (char *)code;
    }
    if (!count)
        codes[count++] = (char *)"accepted";
    qsort(codes, count, sizeof *codes, by_text);
    return count;
}

static uint32_t read_words(char *text, char *words[CODES_MAX]) {
    uint32_t count = 0;
    for (char *word = strtok(text, " \n"); word && count < CODES_MAX; word = strtok(NULL, " \n"))
        words[count++] = word;
    qsort(words, count, sizeof *words, by_text);
    return count;
}

static void join(char *const *words, uint32_t count, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", words[i]);
}

ParameterizedTestParameters(gate, refuses_a_weak_task_for_the_reason_beside_it) {
    static struct name names[64];
    size_t count = 0;
    DIR *folder = opendir("tests/weak");
    for (struct dirent *entry; folder && (entry = readdir(folder)) && count < 64;)
        if (entry->d_name[0] != '.')
            snprintf(names[count++].text, sizeof names->text, "%.60s", entry->d_name);
    if (folder)
        closedir(folder);
    return cr_make_param_array(struct name, names, count);
}

ParameterizedTest(struct name *name, gate, refuses_a_weak_task_for_the_reason_beside_it) {
    char path[128], wanted[1024], got[1024], *words[CODES_MAX], *codes[CODES_MAX];
    int status;
    snprintf(path, sizeof path, "tests/weak/%s/refused", name->text);
    char *beside = hone_test_read(path);
    join(words, read_words(beside, words), wanted, sizeof wanted);
    *strrchr(path, '/') = '\0';
    if (strstr(wanted, ".cu") && !hone_test_emulates())
        cr_skip("no C++ compiler for cuda sources here");
    char *text = hone_test_run(&folders, &status, "task", "check", path, "--json", NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "%s: %s", name->text, text);
    join(codes, read_codes(report, codes), got, sizeof got);
    cr_expect(eq(str, got, wanted), "%s", name->text);
    cr_expect(eq(int, status, strcmp(wanted, "accepted") != 0), "%s", name->text);
    json_decref(report);
    free(text);
    free(beside);
}

Test(gate, is_tried_with_at_least_ten_weak_tasks_and_a_good_one) {
    uint32_t weak = 0, good = 0;
    DIR *folder = opendir("tests/weak");
    cr_assert(ne(ptr, folder, NULL));
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[320];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "tests/weak/%s/refused", entry->d_name);
        char *beside = hone_test_read(path);
        good += !strncmp(beside, "accepted", 8);
        weak += strncmp(beside, "accepted", 8) != 0;
        free(beside);
    }
    closedir(folder);
    cr_expect(ge(u32, weak, 10));
    cr_expect(ge(u32, good, 1));
}

/* ---- good tasks ---- */

ParameterizedTestParameters(gate, accepts_every_shipped_task) {
    static struct name names[128];
    size_t count = 0;
    DIR *tasks = opendir("tasks");
    for (struct dirent *suite; tasks && (suite = readdir(tasks));) {
        char path[300];
        snprintf(path, sizeof path, "tasks/%s", suite->d_name);
        DIR *folder = suite->d_name[0] == '.' ? NULL : opendir(path);
        for (struct dirent *entry; folder && (entry = readdir(folder)) && count < 128;)
            if (entry->d_name[0] != '.')
                snprintf(names[count++].text, sizeof names->text, "%.30s/%.30s", suite->d_name,
                         entry->d_name);
        if (folder)
            closedir(folder);
    }
    if (tasks)
        closedir(tasks);
    return cr_make_param_array(struct name, names, count);
}

ParameterizedTest(struct name *name, gate, accepts_every_shipped_task) {
    int status;
    char folder[80];
    snprintf(folder, sizeof folder, "tasks/%s", name->text); /* every dtype it comes in */
    char *text = hone_test_run(&folders, &status, "task", "check", folder, NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(eq(ptr, strstr(text, "note: no_"), NULL), "%s", text);
    free(text);
}

Test(gate, notes_sizes_that_nothing_reaches) {
    int status;
    char *text = hone_test_run(&folders, &status, "task", "check", "tests/weak/blind_bench", NULL);
    cr_expect(ne(ptr, strstr(text, "note: no_most: rows may be 4096, but"), NULL), "%s", text);
    free(text);
}

Test(gate, accepts_tasks_that_a_plugin_makes_in_code) {
    int status;
    char *text =
        hone_test_run(&folders, &status, "task", "check", "--all", "--set", "tasks.folder=off",
                      "--set", "tasks.stencil=on", "--set", "task.stencil.shapes=line2 cross1 box1",
                      "--set", "task.stencil.size=65536", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(ne(ptr, strstr(text, "stencil/line2"), NULL), "%s", text);
    cr_expect(ne(ptr, strstr(text, "stencil/box1"), NULL), "%s", text);
    free(text);
}

Test(gate, tells_which_workload_caught_which_cheat) {
    int status;
    char *text =
        hone_test_run(&folders, &status, "task", "check", "tests/weak/blind_bench", "--json", NULL);
    json_t *report = json_loads(text, 0, NULL), *cheat;
    size_t index, found = 0;
    cr_assert(ne(ptr, report, NULL), "%s", text);
    json_array_foreach(json_object_get(report, "cheats"), index, cheat) {
        if (strcmp(json_string_value(json_object_get(cheat, "code")), "wrong/tail.c"))
            continue;
        json_t *caught = json_object_get(cheat, "caught"),
               *passed = json_object_get(cheat, "passed");
        cr_expect(eq(sz, json_array_size(json_object_get(caught, "verify")), 2));
        cr_expect(eq(sz, json_array_size(json_object_get(caught, "bench")), 0));
        cr_expect(eq(sz, json_array_size(json_object_get(passed, "bench")), 2));
        found++;
    }
    cr_expect(eq(sz, found, 1));
    cr_expect(eq(int, status, 1));
    json_decref(report);
    free(text);
}

Test(gate, has_exit_status_two_for_wrong_usage_and_unknown_tasks) {
    int status;
    free(hone_test_run(&folders, &status, "task", "check", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "task", "check", "--all", "algebra/axpby", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "task", "check", "no/such", NULL));
    cr_expect(eq(int, status, 2));
    free(hone_test_run(&folders, &status, "task", "check", "algebra/axpby", "--seed", "x", NULL));
    cr_expect(eq(int, status, 2));
}

/* ---- new tasks ---- */

Test(gate, accepts_a_new_task_as_it_is_made) {
    char path[128];
    int status;
    free(hone_test_run(&folders, &status, "task", "new", "my/sum", "--path", folders.root, NULL));
    cr_assert(eq(int, status, 0));
    snprintf(path, sizeof path, "%s/my/sum", folders.root);
    char *text = hone_test_run(&folders, &status, "task", "check", path, NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    cr_expect(ne(ptr, strstr(text, "my/sum 0.1.0: accepted"), NULL), "%s", text);
    free(text);
}

Test(gate, leaves_a_folder_that_is_there_as_it_is) {
    char path[128];
    int status;
    snprintf(path, sizeof path, "%s/my", folders.root);
    cr_assert(eq(int, mkdir(path, 0700), 0));
    snprintf(path, sizeof path, "%s/my/sum", folders.root);
    cr_assert(eq(int, mkdir(path, 0700), 0));
    free(hone_test_run(&folders, &status, "task", "new", "my/sum", "--path", folders.root, NULL));
    cr_expect(eq(int, status, 1));
    cr_expect(eq(int, rmdir(path), 0)); /* still empty */
}

Test(gate, makes_no_task_without_a_good_id) {
    static const char *const bad[] = {"sum", "my/", "/sum", "My/sum", "my/../sum", "a/b/c"};
    int status;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        free(hone_test_run(&folders, &status, "task", "new", bad[i], "--path", folders.root, NULL));
        cr_expect(eq(int, status, 2), "%s", bad[i]);
    }
}

/* ---- times ---- */

Test(gate, times_baselines_against_what_one_core_can_do) {
    char path[128], root[512];
    int status;
    snprintf(path, sizeof path, "%s/hone.ini", folders.root);
    FILE *settings = fopen(path, "w");
    cr_assert(ne(ptr, settings, NULL));
    fprintf(settings, "[task.folder]\npath = %s/tasks/algebra/gemm\n", getcwd(root, sizeof root));
    fclose(settings);
    char *text =
        hone_test_run(&folders, &status, "tasks", "--bench", "--json", "--settings", path, NULL);
    cr_assert(eq(int, status, 0), "%s", text);
    json_t *whole = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, whole, NULL), "%s", text);
    json_t *ceiling = json_object_get(whole, "ceiling");
    json_t *task = json_array_get(json_object_get(whole, "tasks"), 0);
    json_t *line = json_array_get(json_object_get(task, "workloads"), 0);
    double peak = json_real_value(json_object_get(ceiling, "flops_per_s"));
    double tuned = json_real_value(json_object_get(line, "tuned_ns"));
    double naive = json_real_value(json_object_get(line, "naive_ns"));
    double roofline = json_real_value(json_object_get(line, "roofline_ns"));
    /* 2 m n k operations bind a product; no core does fewer than one a nanosecond, or a thousand.
     */
    cr_expect(lt(dbl, 1e9, peak));
    cr_expect(lt(dbl, peak, 1e12));
    cr_expect(epsilon_eq(dbl, roofline, 2 * 256.0 * 256 * 256 / peak * 1e9, 1e-3 * roofline));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(line, "bound")), "compute"));
    cr_expect(lt(dbl, 0.5 * roofline, tuned));
    cr_expect(lt(dbl, 2 * tuned, naive));
    json_decref(whole);
    free(text);
}

/* ---- computed cheats ---- */

static void make_copy(const struct hone_gate_view *view, double *values) {
    memcpy(values, hone_gate_wanted(view, view->set),
           (size_t)view->layout->count[view->output] * sizeof *values);
}

/* A vector of `count` in f32, with an oracle of sines. */
struct sines {
    struct hone_task task;
    struct hone_workload workload;
    struct hone_set_layout layout;
    struct hone_set set, other;
    double *truth, *another, *values;
    void *got;
};

static struct hone_gate_view make_sines(struct sines *sines, int64_t count, bool exact) {
    *sines = (struct sines){
        .task = {.axis_count = 1,
                 .axes = {{.name = "n"}},
                 .arg_count = 1,
                 .args = {{.name = "y",
                           .role = HONE_OUT,
                           .dtype = HONE_F32,
                           .ndim = 1,
                           .shape = {"n"}}},
                 .reduction = "1"},
        .workload = {.id = "w", .set = HONE_VERIFY, .exact = exact, .axes = {count}},
        .layout = {.count = {count}},
    };
    const size_t bytes = (size_t)count * sizeof(double);
    sines->truth = malloc(bytes);
    sines->another = malloc(bytes);
    sines->values = malloc(bytes);
    sines->got = malloc(bytes);
    for (int64_t i = 0; i < count; i++) {
        sines->truth[i] = (float)sin((double)i + 1);
        sines->another[i] = (float)sin((double)i + 2);
    }
    struct hone_set *sets[] = {&sines->set, &sines->other};
    double *truths[] = {sines->truth, sines->another};
    for (int i = 0; i < 2; i++) {
        sets[i]->base = (const void *)truths[i];
        hone_judge_moments(truths[i], count, &sets[i]->mean[0], &sets[i]->rms[0]);
        sets[i]->limits[0] = (struct hone_limits){1e-5, 1e-5, 1e-5, 0};
    }
    return (struct hone_gate_view){.task = &sines->task,
                                   .workload = &sines->workload,
                                   .layout = &sines->layout,
                                   .set = &sines->set,
                                   .other = &sines->other};
}

static void drop_sines(struct sines *sines) {
    free(sines->truth);
    free(sines->another);
    free(sines->values);
    free(sines->got);
}

Test(gate, lets_a_right_output_pass_and_no_computed_cheat) {
    const struct hone_gate_computed right = {.code = "right", .make = make_copy};
    const int64_t counts[] = {1, 2, 4095, 4097, 10007};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        for (int exact = 0; exact < 2; exact++) {
            struct sines sines;
            struct hone_gate_view view = make_sines(&sines, counts[k], exact);
            bool refused = hone_gate_refuses(&right, &view, sines.values, sines.got);
            cr_expect(not(refused), "%lld elements", (long long)counts[k]);
            for (uint32_t i = 0; hone_gate_computed[i].code; i++) {
                const struct hone_gate_computed *cheat = &hone_gate_computed[i];
                /* One element is its own mean; a vector has no rows and no input to copy. */
                if ((counts[k] == 1 && !strcmp(cheat->code, "mean")) ||
                    cheat->flags & HONE_GATE_OF_INPUTS ||
                    (cheat->applies && !cheat->applies(&sines.task, 0)))
                    continue;
                refused = hone_gate_refuses(cheat, &view, sines.values, sines.got);
                cr_expect(refused, "%s of %lld elements%s", cheat->code, (long long)counts[k],
                          exact ? ", exact" : "");
            }
            drop_sines(&sines);
        }
}

/* What a wide tolerance takes is not refused: the gate sees what judging sees. */
Test(gate, lets_a_rounded_output_pass_where_the_tolerance_is_wide) {
    struct sines sines;
    struct hone_gate_view view = make_sines(&sines, 5000, false);
    sines.set.limits[0] = (struct hone_limits){1e-2, 1e-2, 1e-2, 0};
    uint32_t found = 0;
    for (uint32_t i = 0; hone_gate_computed[i].code; i++)
        if (!strcmp(hone_gate_computed[i].code, "bf16_output")) {
            bool refused =
                hone_gate_refuses(&hone_gate_computed[i], &view, sines.values, sines.got);
            cr_expect(not(refused));
            found++;
        }
    cr_expect(eq(u32, found, 1));
    drop_sines(&sines);
}
