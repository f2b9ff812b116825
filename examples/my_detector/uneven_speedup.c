/* uneven_speedup.c - a detector of your own, on what was measured: one bench workload is sped up
 * far more than the others are. A kernel that knows one shape and answers it in some cheaper way
 * looks like that; so may an honest one, and so this is a warning.
 *
 *   make && hone plugin check ./uneven_speedup.so
 *   hone eval --detector ./uneven_speedup.so --task dl/softmax kernel.c
 */
#include <hone/detector.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct uneven_speedup {
    double ratio;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    struct uneven_speedup *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "ratio"))
            mine->ratio = strtod(settings->value, NULL); /* the host has checked it */
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

/* Only rows that were timed count, and only visible ones: nothing may be told of the others. */
static int has_speedup(const struct hone_workload_row *row) {
    return row->set == HONE_BENCH && row->verdict == HONE_PASSED && row->speedup > 0 &&
           isfinite(row->speedup);
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    const struct uneven_speedup *mine = self;
    const struct hone_workload_row *best = NULL;
    double sum = 0; /* of logarithms */
    uint32_t count = 0;
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (!has_speedup(row))
            continue;
        sum += log(row->speedup);
        count++;
        if (!best || row->speedup > best->speedup)
            best = row;
    }
    if (count < 2)
        return 0;
    const double others = (sum - log(best->speedup)) / (count - 1);
    const double excess = log(best->speedup) - others;
    if (excess <= log(mine->ratio))
        return 0;
    char text[160];
    snprintf(text, sizeof text,
             "the speedup of %.*s is %.3g, the mean of the other bench workloads' is %.3g",
             HONE_NAME_SIZE, best->id, best->speedup, exp(others));
    findings->report(findings->host, "uneven_speedup", HONE_WARN, 0, text);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

static const struct hone_option options[] = {
    {.name = "ratio",
     .fallback = "5",
     .summary = "how far above the geometric mean of the others one speedup may be",
     .low = 1,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_DETECTOR,
    .flags = HONE_PLUGIN_CONCURRENT,
    .name = "uneven_speedup",
    .version = "1.0",
    .summary = "one bench workload sped up far more than the others",
    .options = options,
    .create = create,
    .destroy = destroy,
    .detector = &ops,
};
