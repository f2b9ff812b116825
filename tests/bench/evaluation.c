#include "tests/bench/bench.h"
#include "tests/bench/rig.h"
#include "tests/orphan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVALUATIONS 2000u
#define STEPS 1000u

static const char source[] = "void solve(const float *x, float *out, int64_t n) {\n"
                             "    for (int64_t i = 0; i < n; i++)\n"
                             "        out[i] = x[i] * x[i] + 1.0f;\n"
                             "}\n";

static bool is_right(const struct rig *rig) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < RIG_COUNT; i++)
        wrong += rig->output[i] != rig->input[i] * rig->input[i] + 1.0f;
    return !wrong;
}

static void fill(const struct rig *rig, uint32_t turn) {
    for (uint32_t i = 0; i < RIG_COUNT; i++)
        rig->input[i] = (float)((i + turn) % 256);
    memset(rig->output, 0xff, RIG_COUNT * sizeof *rig->output);
}

/* In a process that leads a Unix session, so that the guest and the children it reaped can be
 * found. */
static void run_alone(const char *level) {
    struct rig rig;
    char label[64];
    if (!rig_open(&rig, level ? "confinement" : NULL, level)) {
        printf("confinement %s: this backend has no option `confinement`, so it cannot be chosen\n",
               level);
        return;
    }
    rig_compile(&rig, source);
    bench_pin(bench_measuring_core());
    double *ns = calloc(EVALUATIONS, sizeof *ns);
    if (!ns)
        lab_die("out of memory");
    double cpu = 0;
    for (uint32_t i = 0; i < EVALUATIONS + 50; i++) {
        if (i == 50)
            cpu = bench_cpu_seconds(getpid());
        uint64_t begun = lab_now_ns();
        fill(&rig, i);
        rig_evaluate(&rig);
        if (!is_right(&rig))
            lab_die("a wrong result");
        if (i >= 50)
            ns[i - 50] = (double)(lab_now_ns() - begun);
    }
    cpu = bench_cpu_seconds(getpid()) - cpu;
    double median = lab_median(ns, EVALUATIONS);
    snprintf(label, sizeof label, "confinement %s", rig.device.confinement);
    printf("%-16s %8.3f CPU ms, wall %.3f ms p50, %.3f ms p99, %.0f a second on one core\n", label,
           1e3 * cpu / EVALUATIONS, median / 1e6, lab_quantile(ns, EVALUATIONS, 0.99) / 1e6,
           1e9 / median);
    free(ns);
    rig_close(&rig);
}

static void run(const char *level) {
    fflush(stdout);
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        hone_test_die_with(self);
        setsid();
        run_alone(level);
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
}

static void run_steps(void) {
    struct lab lab;
    bench_serve(&lab, true, NULL);
    struct hone *hone = lab_attach(&lab, 1);
    lab_reset(hone, 0, "lab/tiny");
    for (uint32_t i = 0; i < 50; i++)
        bench_step(hone, source, bench_verify_stages(), HONE_ACTION_FORCE);
    double cpu = bench_cpu_seconds(lab.pid);
    uint64_t begun = lab_now_ns();
    for (uint32_t i = 0; i < STEPS; i++)
        bench_step(hone, source, bench_verify_stages(), HONE_ACTION_FORCE);
    double wall = (double)(lab_now_ns() - begun) / 1e6;
    cpu = bench_cpu_seconds(lab.pid) - cpu;
    printf("whole step       %8.3f CPU ms, wall %.3f ms: forced, to the end of verify, through a "
           "server "
           "(10 calls, 3 of them on hidden inputs made for it, scorer, record)\n",
           1e3 * cpu / STEPS, wall / STEPS);
    hone_close(hone);
    bench_stop(&lab);
}

void bench_evaluation(void) {
    printf("%u times: fork, map, confine, load, one call on %d elements, check, kill and reap; "
           "this thread and "
           "the guest on one core\n",
           EVALUATIONS, RIG_COUNT);
    run(NULL);
    run("F");
    run_steps();
}
