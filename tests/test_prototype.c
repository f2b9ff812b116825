#include "tests/task_text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dlfcn.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

Test(prototype, has_every_argument_in_order) {
    struct hone_task *task = task_text_small();
    char *text = hone_task_prototype(task, "c");
    cr_expect(
        eq(str, text,
           "void solve(const float *x, const uint16_t *w, const int32_t *index, double *state, "
           "const uint8_t *bits, float eps, double base, int32_t step, float *y, int64_t m, "
           "int64_t n)"));
    free(text);
    text = hone_task_prototype(task, "cuda");
    cr_expect(eq(int,
                 strncmp(text,
                         "extern \"C\" __global__ void solve(const float *x, const "
                         "__nv_bfloat16 *w,",
                         71),
                 0));
    free(text);
    hone_task_destroy(task);
}

Test(prototype, gives_an_oracle_double_outputs) {
    struct hone_task *task = task_text_small();
    char *text = hone_task_prelude(task, "oracle", true);
    cr_expect(ne(ptr, strstr(text, "void oracle(const float *x,"), NULL));
    cr_expect(ne(ptr, strstr(text, "double *state, "), NULL));
    cr_expect(ne(ptr, strstr(text, "double *y, "), NULL));
    free(text);
    hone_task_destroy(task);
}

/* Compile `source` between prelude and epilogue; the exit status of the compiler. */
static int compile(const struct hone_task *task, const char *folder, const char *source) {
    char text[128], object[128];
    snprintf(text, sizeof text, "%s/code.c", folder);
    snprintf(object, sizeof object, "%s/code.so", folder);
    char *prelude = hone_task_prelude(task, "solve", false);
    char *epilogue = hone_task_epilogue(task, "solve", false);
    FILE *file = fopen(text, "w");
    fprintf(file, "%s#line 1\n%s%s", prelude, source, epilogue);
    fclose(file);
    free(prelude);
    free(epilogue);
    char *arguments[] = {"gcc", "-std=gnu17", "-O1",     "-Wall", "-Werror", "-Wmissing-prototypes",
                         "-w",  "-fPIC",      "-shared", "-o",    object,    text,
                         NULL};
    pid_t child;
    int status = -1;
    cr_assert(eq(int, posix_spawnp(&child, "gcc", NULL, NULL, arguments, environ), 0));
    waitpid(child, &status, 0);
    unlink(text);
    return WEXITSTATUS(status);
}

static const char source[] =
    "void solve(const float *restrict x, const uint16_t *w, const int32_t *index, double *state,\n"
    "           const uint8_t *bits, float eps, double base, int32_t step, float *y, int64_t m,\n"
    "           int64_t n) {\n"
    "    state[0] = eps; state[1] = base; state[2] = step; state[3] = m; state[4] = n;\n"
    "    y[0] = x[1] + w[1] + index[1] + bits[1];\n"
    "}\n";

Test(prototype, carries_every_word_through_the_trampoline) {
    struct hone_task *task = task_text_small();
    char folder[] = "/tmp/hone-prototype-XXXXXX", object[128];
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    snprintf(object, sizeof object, "%s/code.so", folder);
    cr_assert(eq(int, compile(task, folder, source), 0));
    void *library = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    cr_assert(ne(ptr, library, NULL), "%s", dlerror());
    void (*call)(const uint64_t *);
    *(void **)&call = dlsym(library, "hone_call_0");
    float x[] = {0, 1}, y[1] = {0}, eps = 0.5f;
    uint16_t w[] = {0, 20};
    int32_t index[] = {0, 300};
    uint8_t bits[] = {0, 200};
    double state[5] = {0}, base = -1e300;
    uint64_t words[11] = {(uintptr_t)x, (uintptr_t)w, (uintptr_t)index, (uintptr_t)state,
                          (uintptr_t)bits};
    memcpy(&words[5], &eps, sizeof eps);
    words[5] |= (uint64_t)0xdeadbeef << 32; /* the upper half means nothing */
    memcpy(&words[6], &base, sizeof base);
    words[7] = (uint64_t)(int64_t)-7;
    words[8] = (uintptr_t)y;
    words[9] = (uint64_t)1 << 40;
    words[10] = 5;
    call(words);
    cr_expect(eq(dbl, state[0], 0.5));
    cr_expect(eq(dbl, state[1], -1e300));
    cr_expect(eq(dbl, state[2], -7));
    cr_expect(eq(dbl, state[3], 0x1p40));
    cr_expect(eq(dbl, state[4], 5));
    cr_expect(eq(flt, y[0], 521));
    unlink(object);
    rmdir(folder);
    hone_task_destroy(task);
}

Test(prototype, makes_a_wrong_signature_a_compile_error) {
    struct hone_task *task = task_text_small();
    char folder[] = "/tmp/hone-prototype-XXXXXX";
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    cr_expect(ne(int, compile(task, folder, "void solve(const float *x, float *y) {}\n"), 0));
    rmdir(folder);
    hone_task_destroy(task);
}

Test(prompt, tells_what_a_solver_must_know) {
    struct hone_task *task = task_text_small();
    char *text = hone_task_prompt(task, "c");
    static const char *const facts[] = {
        "# A small task\n",
        "Do it.",
        "```c\nvoid solve(const float *x,",
        "| state | inout (read, then overwritten) | f64 | [3, n + 1] | uniform in -1..2 |",
        "- mn = m*n",
        "- m in 1..4096",
        "- always mn <= 65536",
        "- whole, verify: m=3 n=1021 mn=3063; x: whole numbers -3..4",
        "eps = 2",
        "must be exact",
        "- fast, bench (timed): m=16 n=1024",
        "m in 1..512 n = 7|64|1000",
        "- y on workload fast: atol 1e-05 times the output's rms",
        "O2, fast_math, unroll_loops",
        "1000 bytes of source, 7 s to compile",
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        cr_expect(ne(ptr, strstr(text, facts[i]), NULL), "\"%s\" is not in:\n%s", facts[i], text);
    cr_expect(eq(ptr, strstr(text, "huge"), NULL), "the gpu's workload is shown");
    free(text);
    text = hone_task_prompt(task, "cuda");
    cr_expect(ne(ptr, strstr(text, "//@hone launch"), NULL));
    free(text);
    hone_task_destroy(task);
}
