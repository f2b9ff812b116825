/* Plugins that a release compiled, in tests/abi/released/VERSION/: they are kept as bytes, and load
 * and work for ever. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST "tests/abi/released/0.1.0"

static struct hone_test_server folders;

static void make(void) {
    hone_test_folders(&folders);
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(abi_released, .init = make, .fini = clean, .timeout = 120);

static glob_t find(const char *pattern) {
    glob_t found;
    cr_assert(eq(int, glob(pattern, 0, NULL, &found), 0), "%s", pattern);
    return found;
}

Test(abi_released, keeps_every_byte) {
    glob_t found = find("tests/abi/released/*/SHA256SUMS");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char command[512];
        snprintf(command, sizeof command, "cd $(dirname '%s') && sha256sum --quiet -c SHA256SUMS",
                 found.gl_pathv[i]);
        cr_expect(eq(int, system(command), 0), "%s", found.gl_pathv[i]);
    }
    globfree(&found);
}

/* With a sum for each of them, so that none can be left out of the sums. */
Test(abi_released, is_small_and_has_its_sum) {
    glob_t found = find("tests/abi/released/*/*.so");
    cr_assert(ge(sz, found.gl_pathc, 3));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i], *name = strrchr(path, '/') + 1;
        char sums_path[256], line[128];
        struct stat status;
        cr_assert(eq(int, stat(path, &status), 0), "%s", path);
        cr_expect(lt(i64, status.st_size, 20 << 10), "%s", path);
        snprintf(sums_path, sizeof sums_path, "%.*sSHA256SUMS", (int)(name - path), path);
        snprintf(line, sizeof line, "  %s\n", name);
        char *sums = hone_test_read(sums_path);
        cr_expect(ne(ptr, strstr(sums, line), NULL), "%s is not in %s", name, sums_path);
        free(sums);
    }
    globfree(&found);
}

Test(abi_released, conforms) {
    glob_t found = find("tests/abi/released/*/*.so");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int status;
        char *text = hone_test_run(&folders, &status, "plugin", "check", found.gl_pathv[i], NULL);
        cr_expect(eq(int, status, 0), "%s", text);
        free(text);
    }
    globfree(&found);
}

static char *write_kernel(char path[128]) {
    snprintf(path, 128, "%s/kernel.c", folders.root);
    FILE *file = fopen(path, "w");
    cr_assert(ne(ptr, file, NULL));
    fputs("void solve(const float *x, float *y, int64_t n) {\n"
          "    volatile float factor = -1;\n"
          "    for (int64_t i = 0; i < n; i++)\n"
          "        y[i] = factor * x[i];\n"
          "}\n",
          file);
    fclose(file);
    return path;
}

static void expect_finding(const json_t *report, size_t index, const char *rule, int line,
                           const char *text) {
    const json_t *one = json_array_get(json_object_get(report, "findings"), index);
    const char *its_rule = json_string_value(json_object_get(one, "rule"));
    const char *its_text = json_string_value(json_object_get(one, "text"));
    cr_expect(eq(str, (char *)(its_rule ? its_rule : ""), (char *)rule));
    cr_expect(eq(str, (char *)(its_text ? its_text : ""), (char *)text));
    cr_expect(eq(int, (int)json_integer_value(json_object_get(one, "line")), line));
}

/* The reward is 2 (9 + workloads that passed / 64 + findings / 1024). */
Test(abi_released, makes_a_task_a_finding_and_a_reward_together) {
    int status;
    char kernel[128];
    char *text = hone_test_run(
        &folders, &status, "eval", "--quiet", "--json", "--trusted", "--task", "frozen/negate",
        "--set", "tasks.*=off", "--set", "tasks../" FIRST "/frozen_task.so=on", "--set",
        "task.frozen_task.elements=4096", "--detector", FIRST "/frozen_detector.so", "--reward",
        FIRST "/frozen_reward.so", "--set", "reward.frozen_reward.base=9", "--set",
        "reward.frozen_reward.weight=2", write_kernel(kernel), NULL);
    cr_assert(eq(int, status, 0), "%s", text);
    json_t *report = json_loads(text, 0, NULL);
    cr_assert(ne(ptr, report, NULL), "%s", text);
    expect_finding(report, 0, "frozen_source", 2, "volatile in c for frozen/negate");
    expect_finding(report, 1, "frozen_binary", 0,
                   "an ELF image of c for frozen/negate, no listing");
    expect_finding(report, 2, "frozen_run", 0, "passed: 1 debug, 3 verify, 2 bench, 2 hidden");
    cr_expect(epsilon_eq(dbl, json_number_value(json_object_get(report, "reward")),
                         2 * (9 + 8 / 64.0 + 3 / 1024.0), 1e-6));
    json_decref(report);
    free(text);
    text = hone_test_run(&folders, &status, "rescore", "last", NULL);
    cr_expect(eq(int, status, 0), "%s", text);
    free(text);
}
