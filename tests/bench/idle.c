#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLOTS 64u
#define SECONDS 5

/* Exact, where /proc counts ticks. */
static double clock_of(pid_t pid) {
    clockid_t clock;
    struct timespec now = {0};
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &now))
        return 0;
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double sum_clocks(pid_t session, double *server) {
    struct lab_process list[128];
    double sum = 0;
    uint32_t count = lab_processes_quick(session, list, 128);
    for (uint32_t i = 0; i < count; i++)
        sum += clock_of(list[i].pid);
    *server = clock_of(session);
    return sum;
}

static void run(const struct lab *lab, uint32_t agents) {
    struct hone *lanes[SLOTS];
    uint32_t each = SLOTS / agents;
    for (uint32_t i = 0; i < agents; i++) {
        lanes[i] = lab_attach(lab, each);
        for (uint32_t slot = 0; slot < each; slot++)
            lab_reset(lanes[i], slot, "lab/tiny");
    }
    lab_pause_ns(2000000000);
    double server, server_after, before = sum_clocks(lab->pid, &server);
    uint64_t begun = lab_now_ns();
    lab_pause_ns(SECONDS * 1000000000ull);
    double after = sum_clocks(lab->pid, &server_after);
    double seconds = (double)(lab_now_ns() - begun) / 1e9;
    printf("%2u agents with %2u slots each: server %.3f %% of a core, with scorers and guest %.3f "
           "%%\n",
           agents, each, 100 * (server_after - server) / seconds, 100 * (after - before) / seconds);
    for (uint32_t i = 0; i < agents; i++)
        hone_close(lanes[i]);
}

void bench_idle(void) {
    struct lab lab;
    bench_serve(&lab, true, NULL);
    printf(
        "%u slots with open episodes, nothing in flight, over %d s, by the processes' CPU clocks\n",
        SLOTS, SECONDS);
    run(&lab, 1);
    run(&lab, SLOTS);
    bench_stop(&lab);
}
