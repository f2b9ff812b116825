#include "tests/bench/bench.h"

#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS 8u
#define CALLS 400u
#define COUNT 32

typedef void solve(const float *x, float *out, int64_t n);

/* The median of single calls in an ordinary process, pinned to the core on which the gym measures.
 */
static double time_ordinary(solve *run) {
    int ends[2];
    double median = NAN;
    if (pipe(ends))
        lab_die("pipe failed");
    pid_t child = fork();
    if (child == 0) {
        static double ns[CALLS];
        float x[COUNT], out[COUNT];
        bench_pin(bench_measuring_core());
        for (uint32_t i = 0; i < COUNT; i++)
            x[i] = (float)i + 0.5f;
        for (uint32_t i = 0; i < CALLS + 20; i++) {
            x[0] = 0.5f + (float)i;
            uint64_t begun = lab_now_ns();
            run(x, out, COUNT);
            if (i >= 20)
                ns[i - 20] = (double)(lab_now_ns() - begun);
        }
        median = lab_median(ns, CALLS);
        _exit(write(ends[1], &median, sizeof median) == sizeof median ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &median, sizeof median) != sizeof median)
        lab_die("the ordinary process said nothing");
    close(ends[0]);
    waitpid(child, NULL, 0);
    return median;
}

static solve *load(const struct lab *lab) {
    char object[128], command[512];
    snprintf(object, sizeof object, "%s/chain.so", lab->root);
    snprintf(command, sizeof command,
             "gcc -std=gnu17 -O3 -march=native -include stdint.h -shared -fPIC -o '%s' " LAB_TASKS
             "/lab/chain/naive.c",
             object);
    if (system(command))
        return NULL;
    void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    void *symbol = handle ? dlsym(handle, "solve") : NULL;
    return (solve *)(uintptr_t)symbol;
}

void bench_clock(void) {
    struct lab lab;
    bench_serve(&lab, true, NULL);
    struct hone *hone = lab_attach(&lab, 1);
    lab_reset(hone, 0, "lab/chain");
    char *source = lab_read(LAB_TASKS "/lab/chain/naive.c", NULL);
    solve *run = load(&lab);
    double errors[TURNS], gym[TURNS], ordinary[TURNS];
    if (!run) {
        printf("gcc does not build the kernel for an ordinary process\n");
        goto out;
    }
    printf("130000 dependent multiplications, %u turns: the gym's kernel_ns, then the median of %u "
           "calls in an "
           "ordinary process by CLOCK_MONOTONIC, core %d\n",
           TURNS, CALLS, bench_measuring_core());
    bench_step(hone, source, 0, HONE_ACTION_FORCE); /* baselines are timed once */
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        const struct hone_observation *seen = bench_step(hone, source, 0, HONE_ACTION_FORCE);
        if (seen->verdict != HONE_OUTCOME_PASSED)
            lab_die("%s: %s", seen->verdict_name, hone_text(seen, HONE_MESSAGE));
        gym[turn] = seen->kernel_ns;
        ordinary[turn] = time_ordinary(run);
        errors[turn] = 100 * (gym[turn] / ordinary[turn] - 1);
        printf("gym %9.0f ns   ordinary %9.0f ns   error %+.2f %%\n", gym[turn], ordinary[turn],
               errors[turn]);
        fflush(stdout);
    }
    printf("median error %+.2f %%, from %+.2f to %+.2f\n", lab_median(errors, TURNS), errors[0],
           errors[TURNS - 1]);
out:
    free(source);
    hone_close(hone);
    bench_stop(&lab);
}
