/* Every element type on the whole way: drawn, run in the guest, judged; and tasks that come in
 * several. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdbool.h>
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

TestSuite(dtypes, .init = make, .fini = clean, .timeout = 120);

/* The verdict on tests/copies/naive.c with `first` as its first line; the caller frees. */
static char *verdict_on_copies(const char *first, bool whole) {
    char path[128];
    int status;
    snprintf(path, sizeof path, "%s/kernel.c", folders.root);
    char *naive = hone_test_read("tests/copies/naive.c");
    FILE *file = fopen(path, "w");
    fprintf(file, "%s\n%s", first, naive);
    fclose(file);
    free(naive);
    char *text =
        hone_test_run(&folders, &status, "eval", "--set", "tasks.*=off", "--set", "tasks.folder=on",
                      "--set", "task.folder.path=tests/copies", "--task", "test/copies", "--json",
                      "--quiet", path, whole ? NULL : "--stages", "verify", NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "%s", text);
    char *verdict = strdup(json_string_value(json_object_get(report, "verdict")));
    json_decref(report);
    free(text);
    return verdict;
}

Test(dtypes, come_back_as_they_were_drawn) {
    char *verdict = verdict_on_copies("", true);
    cr_expect(eq(str, verdict, "passed"));
    free(verdict);
}

struct name {
    char text[8];
};

ParameterizedTestParameters(dtypes, are_wrong_by_their_last_bit) {
    static struct name names[] = {{"f64"}, {"f32"}, {"f16"}, {"bf16"},
                                  {"i64"}, {"i32"}, {"u8"},  {"bool"}};
    return cr_make_param_array(struct name, names, sizeof names / sizeof *names);
}

ParameterizedTest(struct name *name, dtypes, are_wrong_by_their_last_bit) {
    char line[64];
    snprintf(line, sizeof line, "#define SPOIL *(uint8_t *)&y_%s[n - 1] ^= 1", name->text);
    char *verdict = verdict_on_copies(line, false);
    cr_expect(eq(str, verdict, "wrong"), "%s", name->text);
    free(verdict);
}

/* ---- tasks in several types ---- */

static char *verdict_on_softmax(const char *task, const char *store) {
    char path[128];
    int status;
    snprintf(path, sizeof path, "%s/kernel.c", folders.root);
    char *naive = hone_test_read("tasks/dl/softmax/naive.c");
    FILE *file = fopen(path, "w");
    fprintf(file, "%s\n%s", store, naive);
    fclose(file);
    free(naive);
    char *text = hone_test_run(&folders, &status, "eval", "--task", task, "--json", "--quiet",
                               "--stages", "verify", path, NULL);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "%s", text);
    char *verdict = strdup(json_string_value(json_object_get(report, "verdict")));
    json_decref(report);
    free(text);
    return verdict;
}

Test(dtypes, are_judged_each_by_its_own_precision) {
    /* Keeps as many bits of the fraction as bf16 has. */
    static const char coarse[] = "static HONE_T coarse(float value) {\n"
                                 "    float wide = value * 0x1p15f;\n"
                                 "    return HONE_STORE((value + wide) - wide);\n"
                                 "}\n"
                                 "#undef HONE_STORE\n"
                                 "#define HONE_STORE(x) coarse(x)\n";
    static const struct {
        const char *task, *store, *verdict;
    } cases[] = {{"dl/softmax@f16", "", "partial"},
                 {"dl/softmax@bf16", "", "partial"},
                 {"dl/softmax@f16", coarse, "wrong"},
                 {"dl/softmax", coarse, "wrong"},
                 {"dl/softmax@bf16", coarse, "partial"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *verdict = verdict_on_softmax(cases[i].task, cases[i].store);
        cr_expect(eq(str, verdict, (char *)cases[i].verdict), "%s, %s", cases[i].task,
                  cases[i].store);
        free(verdict);
    }
}

Test(dtypes, are_listed_beside_their_task_and_not_as_tasks) {
    int status;
    char *text = hone_test_run(&folders, &status, "tasks", "--set", "tasks.folder=on", NULL);
    cr_expect(eq(int, status, 0));
    cr_expect(ne(ptr, strstr(text, "f32 f16 bf16"), NULL), "%s", text);
    cr_expect(eq(ptr, strchr(text, '@'), NULL), "%s", text);
    free(text);
    text = hone_test_run(&folders, &status, "task", "show", "dl/softmax@bf16", "--json", NULL);
    json_t *task = json_loads(text, 0, NULL);
    json_t *variants = json_object_get(task, "variants");
    cr_expect(eq(int, status, 0));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(task, "id")), "dl/softmax@bf16"));
    cr_expect(eq(sz, json_array_size(variants), 3));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(json_array_get(variants, 1), "id")),
                 "dl/softmax@f16"));
    json_decref(task);
    free(text);
}
