/* bench.h - the parts of `make bench`. Each prints one block: what was measured, how, and ratios
 * taken in the same run; none asserts. A part that cannot run says why. */
#ifndef HONE_TESTS_BENCH_H
#define HONE_TESTS_BENCH_H

#include "tests/lab.h"

#define LAB_TASKS "tests/bench/tasks"

struct bench_part {
    const char *name, *summary;
    void (*run)(void);
};

void bench_ring(void);
void bench_steps(void);
void bench_evaluation(void);
void bench_compile(void);
void bench_cuda(void);
void bench_cuda_steps(void);
void bench_nvrtc(void);
void bench_clock(void);
void bench_copies(void);
void bench_library(void);
void bench_handling(void);
void bench_probes(void);
void bench_first(void);
void bench_idle(void);

/* A server on tests/bench/tasks, or the shipped ones; extra words as for lab_serve(). */
void bench_serve(struct lab *lab, bool own_tasks, const char *const *extra);
void bench_stop(struct lab *lab);

/* One step of slot 0 to its end; ends the program on an environment error. */
const struct hone_observation *bench_step(struct hone *hone, const char *source, uint32_t stages,
                                          uint32_t flags);
/* Stages up to verify, none of timing. */
uint32_t bench_verify_stages(void);
/* CPU time that all processes of a Unix session have used, children they have reaped included. */
double bench_cpu_seconds(pid_t session);
void bench_pin(int core); /* this thread */
int bench_measuring_core(void);

#endif
