/* Subtly wrong kernels in CUDA: none passes verification, whatever its author overlooked. Honest
 * ones are in tests/honest, with those in C. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_LEAST 60

static struct hone_test_server folders;

static void make(void) {
    hone_test_folders(&folders);
    if (!hone_test_emulates())
        cr_skip("no C++ compiler for cuda sources here");
}

static void clean(void) {
    hone_test_clean(&folders);
}

TestSuite(cuda_zoo, .init = make, .fini = clean, .timeout = 300);

/* "..; task: algebra/gemm" at the end of a specimen's first line. */
static void read_task(const char *path, char task[128]) {
    char *text = hone_test_read(path);
    text[strcspn(text, "\n")] = '\0';
    const char *at = strstr(text, "; task: ");
    cr_assert(ne(ptr, (void *)at, NULL), "%s does not name its task", path);
    snprintf(task, 128, "%s", at + strlen("; task: "));
    free(text);
}

static void expect_exit(const char *path, int wanted) {
    char task[128];
    int status;
    read_task(path, task);
    char *text = hone_test_run(&folders, &status, "eval", "--task", task, "--quiet", "--trusted",
                               "--stages", "admit,compile,verify,time", path, NULL);
    cr_expect(eq(int, status, wanted), "%s: %.300s", path, text);
    free(text);
}

/* A share of the corpus each: every `step`th from `first` on. */
static void expect_all(const char *pattern, size_t least, size_t first, size_t step, int wanted) {
    glob_t files;
    cr_assert(eq(int, glob(pattern, 0, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, least));
    for (size_t i = first; i < files.gl_pathc; i += step)
        expect_exit(files.gl_pathv[i], wanted);
    globfree(&files);
}

Test(cuda_zoo, passes_none_that_is_subtly_wrong) {
    expect_all("tests/wrong_cuda/*.cu", WRONG_LEAST, 0, 2, 15);
}

Test(cuda_zoo, passes_none_of_the_others_either) {
    expect_all("tests/wrong_cuda/*.cu", WRONG_LEAST, 1, 2, 15);
}
