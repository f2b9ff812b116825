#include "tests/bench/bench.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cost {
    double probes_ms, timing_ms, nothing_ms;
};

static double stage_ms(const json_t *report, const char *stage) {
    return json_number_value(json_object_get(json_object_get(report, "stages"), stage));
}

static json_t *judge(const char *task, const char *path, const char *choice) {
    int status;
    char *text =
        lab_run(&status, (const char *const[]){"eval", "--quiet", "--no-store", "--json", "--force",
                                               "--set", choice, "--set", "measure.step_seconds=60",
                                               "--task", task, path, NULL});
    json_t *report = json_loads(text, 0, NULL);
    if (status != 0 || !report)
        lab_die("%s: not passed: %.300s", path, text);
    free(text);
    return report;
}

static struct cost measure(const char *task, const char *path) {
    struct cost cost;
    json_t *with = judge(task, path, "detectors.*=on");
    cost.probes_ms = stage_ms(with, "inspect_run");
    cost.timing_ms = stage_ms(with, "time");
    json_t *without = judge(task, path, "detectors.*=off");
    cost.nothing_ms = stage_ms(without, "inspect_run");
    json_decref(with);
    json_decref(without);
    return cost;
}

/* Every task's floor in one language. */
static void measure_all(const char *pattern) {
    glob_t files;
    double worst = 0, most_nothing = 0;
    if (glob(pattern, 0, NULL, &files))
        lab_die("no %s", pattern);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char task[128];
        snprintf(task, sizeof task, "%s", files.gl_pathv[i] + strlen("tasks/"));
        *strrchr(task, '/') = '\0';
        const struct cost cost = measure(task, files.gl_pathv[i]);
        const double share = cost.probes_ms / cost.timing_ms;
        printf("%-34s %8.1f ms of detectors, %8.0f ms of timing: %5.2f\n",
               files.gl_pathv[i] + strlen("tasks/"), cost.probes_ms, cost.timing_ms, share);
        worst = share > worst ? share : worst;
        most_nothing = cost.nothing_ms > most_nothing ? cost.nothing_ms : most_nothing;
    }
    printf("%-34s at most %.2f of the timing, 1 is allowed; with detectors off %.3f ms\n", pattern,
           worst, most_nothing);
    globfree(&files);
}

void bench_probes(void) {
    struct lab lab;
    lab_open(&lab);
    unsetenv("HONE_TASKS");
    measure_all("tasks/*/*/naive.c");
    measure_all("tasks/*/*/naive.cu");
    lab_close(&lab);
}
