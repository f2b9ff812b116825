/* cpu_run.h - compile a source, start it, run it once: what the tests of the cpu backend's
 * processes share, each file with a bench of its own.
 */
#ifndef HONE_TESTS_CPU_RUN_H
#define HONE_TESTS_CPU_RUN_H

#include "tests/cpu_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define SECOND 1000000000ull

static struct cpu_bench bench;

/* A bench with a runner, its input counting up: what a suite begins and ends with. */
static inline void cpu_begin(void) {
    struct hone_error error;
    cr_assert(cpu_open(&bench, true, &error), "%s", error.text);
    for (int i = 0; i < 64; i++)
        bench.input[i] = (float)i;
}

static inline void cpu_end(void) {
    cpu_close(&bench);
}

/* Compile what must compile, and start it. */
static inline void *start_source(const char *source, const char *options, struct cpu_build *build) {
    struct hone_go_result started;
    void *process = NULL;
    cpu_compile(&bench, source, options, build);
    cr_assert(eq(int, build->failed, 0), "%s", build->error.text);
    cr_assert(eq(u32, build->result.verdict, HONE_UNDECIDED), "%s\n%s", build->result.message,
              build->jail.diagnostics);
    cr_assert(eq(int, cpu_start(&bench, build, &process, &started), 0), "%s", started.text);
    cr_assert(eq(u32, started.status, HONE_GO_DONE), "%s", started.text);
    return process;
}

static inline struct hone_go_result run_once(const char *source, const char *options, int64_t n,
                                             float alpha, uint64_t limit_ns) {
    struct cpu_build build;
    struct hone_go_result result;
    void *process = start_source(source, options, &build);
    cr_assert(eq(int, cpu_go(&bench, process, n, alpha, limit_ns, &result), 0));
    bench.ops->process_stop(process);
    hone_jail_finish(&build.jail);
    return result;
}

/* The first child of a process; 0 while it has none. */
static inline pid_t first_child(pid_t parent) {
    char path[64];
    pid_t child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%d", &child) != 1)
        child = 0;
    if (file)
        fclose(file);
    return child;
}

/* The text of a system call by its number, for sources. */
#define CPU_CALL                                                                                   \
    "static long call(long n, long a, long b, long c, long d, long e, long f) { long r;"           \
    " register long r10 __asm__(\"r10\") = d; register long r8 __asm__(\"r8\") = e;"               \
    " register long r9 __asm__(\"r9\") = f; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(n),"  \
    " \"D\"(a), \"S\"(b), \"d\"(c), \"r\"(r10), \"r\"(r8), \"r\"(r9) : \"rcx\", \"r11\","          \
    " \"memory\"); return r; }\n"

#endif
