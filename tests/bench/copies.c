#include "tests/bench/bench.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNS_MAX 200

static double real(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

static void run_task(const char *task, uint32_t runs) {
    char file[256];
    double speedup[RUNS_MAX], width[RUNS_MAX];
    uint32_t count = 0, holds = 0, noisy = 0;
    snprintf(file, sizeof file, "tasks/%s/tuned.c", task);
    for (uint32_t i = 0; i < runs; i++) {
        int status;
        char *text =
            lab_run(&status, (const char *const[]){"eval", "--quiet", "--json", "--no-store",
                                                   "--set", "hardware.cpu.openblas=none", "--task",
                                                   task, file, NULL}); /* tuned.c scores */
        json_t *result = json_loads(text, 0, NULL);
        free(text);
        if (status == 0 && json_is_number(json_object_get(result, "speedup"))) {
            double low = real(result, "speedup_low"), high = real(result, "speedup_high");
            holds += low <= 1 && high >= 1;
            noisy += real(result, "noise") > 0.05;
            speedup[count] = real(result, "speedup");
            width[count++] = high - low;
        }
        json_decref(result);
    }
    if (!count) {
        printf("%-20s no run passed\n", task);
        return;
    }
    double median = lab_median(speedup, count);
    printf("%-20s %3u of %3u   median %.4f   from %.3f to %.3f   width %.4f   noisy %u%s\n", task,
           holds, count, median, speedup[0], speedup[count - 1], lab_median(width, count), noisy,
           count < runs ? "   (the others did not pass)" : "");
    fflush(stdout);
}

void bench_copies(void) {
    const char *wanted = getenv("COPIES");
    uint32_t runs = wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 20;
    struct lab lab;
    lab_open(&lab);
    unsetenv("HONE_TASKS");
    if (!runs || runs > RUNS_MAX)
        lab_die("COPIES is a number from 1 to %d", RUNS_MAX);
    printf("%u runs of `hone eval` (COPIES=%u) of each task's tuned.c against itself: intervals "
           "that hold 1, speedup, "
           "width of the interval, runs with noise above 5 %%\n",
           runs, runs);
    int status;
    char *text = lab_run(&status, (const char *const[]){"tasks", "--json", NULL});
    json_t *list = json_loads(text, 0, NULL);
    const json_t *one, *tasks = json_is_array(list) ? list : json_object_get(list, "tasks");
    size_t index;
    json_array_foreach(tasks, index, one)
        run_task(json_string_value(json_object_get(one, "id")), runs);
    if (!json_array_size(tasks))
        printf("`hone tasks --json` lists nothing\n");
    json_decref(list);
    free(text);
    lab_close(&lab);
}
