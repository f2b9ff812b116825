#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNS 7u
#define TASK "algebra/axpby"

/* Text nobody has compiled. */
static void write_source(char *text, size_t size) {
    snprintf(
        text, size,
        "// %d %llu\nvoid solve(const float *x, const float *y, float a, float b, float *out,\n"
        "           int64_t n) {\n"
        "    for (int64_t i = 0; i < n; i++)\n        out[i] = a * x[i] + b * y[i];\n}\n",
        (int)getpid(), (unsigned long long)lab_now_ns());
}

static void print_row(const char *what, double *ms) {
    double median = lab_median(ms, RUNS);
    printf("%-46s %8.0f ms median, %.0f to %.0f\n", what, median, ms[0], ms[RUNS - 1]);
}

static void time_eval(const struct lab *lab, const char *stages, const char *what) {
    double ms[RUNS];
    char path[128], source[512];
    snprintf(path, sizeof path, "%s/first.c", lab->root);
    for (uint32_t i = 0; i < RUNS; i++) {
        int status;
        write_source(source, sizeof source);
        lab_write(path, source);
        uint64_t begun = lab_now_ns();
        free(lab_run(&status, (const char *const[]){"eval", "--quiet", "--task", TASK, path,
                                                    stages ? "--stages" : NULL, stages, NULL}));
        ms[i] = (double)(lab_now_ns() - begun) / 1e6;
    }
    print_row(what, ms);
}

static void time_step(struct hone *hone, uint32_t stages, const char *what) {
    double ms[RUNS];
    char source[512];
    for (uint32_t i = 0; i < RUNS; i++) {
        write_source(source, sizeof source);
        uint64_t begun = lab_now_ns();
        bench_step(hone, source, stages, 0);
        ms[i] = (double)(lab_now_ns() - begun) / 1e6;
    }
    print_row(what, ms);
}

static void time_start(struct lab *lab) {
    double ms[RUNS];
    for (uint32_t i = 0; i < RUNS; i++) {
        uint64_t begun = lab_now_ns();
        lab_serve(lab, NULL);
        ms[i] = (double)(lab_now_ns() - begun) / 1e6;
        lab_stop(lab);
    }
    print_row("hone serve, until an agent is attached", ms);
}

void bench_first(void) {
    struct lab lab;
    lab_open(&lab);
    unsetenv("HONE_TASKS");
    printf("%s, a source never seen, %u times each; oracles were built before\n", TASK, RUNS);
    time_eval(&lab, NULL, "hone eval, from exec to exit");
    time_eval(&lab, "verify", "hone eval --stages verify");
    time_start(&lab);
    lab_close(&lab);
    bench_serve(&lab, false, NULL);
    struct hone *hone = lab_attach(&lab, 1);
    lab_reset(hone, 0, TASK);
    char source[512];
    write_source(source, sizeof source);
    bench_step(hone, source, 0, 0);
    time_step(hone, 0, "a step in a warm server");
    time_step(hone, bench_verify_stages(), "a step to verify in a warm server");
    hone_close(hone);
    bench_stop(&lab);
}
