/* multi_size.c - the reward for being fast on every size: the bench workloads' own speedups S_i
 * over the score baseline, put together, then clipped; 0 unless passed.
 *
 * weighted: sum(T_base,i S_i) / sum(T_base,i), so that a size counts as much as it takes
 * (CUDAMaster). geometric: exp(mean(log S_i)). worst: min(S_i). */
#include "plugins/reward/bounds.h"

enum mean { WEIGHTED, GEOMETRIC, WORST };

struct multi_size {
    struct bounds bounds;
    enum mean mean;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host;
    struct multi_size *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    for (; settings->name; settings++) {
        const char *value = settings->value;
        if (take_bound(settings, &m->bounds))
            continue;
        if (!strcmp(settings->name, "mean"))
            m->mean = !strcmp(value, "geometric") ? GEOMETRIC
                      : !strcmp(value, "worst")   ? WORST
                                                  : WEIGHTED;
    }
    int failed = check_bounds(&m->bounds, error);
    if (failed) {
        free(m);
        return failed;
    }
    *self = m;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

/* -ENODATA unless every bench workload was timed, and there is one. */
static int put_together(enum mean mean, const struct hone_evidence *evidence, double *value) {
    double sum = 0, weights = 0, logs = 0, worst = INFINITY;
    uint32_t count = 0;
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (row->set != HONE_BENCH)
            continue;
        if (!(row->speedup > 0) || !(row->baseline_ns[0] > 0) || isinf(row->speedup) ||
            isinf(row->baseline_ns[0]))
            return -ENODATA;
        sum += row->baseline_ns[0] * row->speedup;
        weights += row->baseline_ns[0];
        logs += log(row->speedup);
        worst = fmin(worst, row->speedup);
        count++;
    }
    if (!count)
        return -ENODATA;
    *value = mean == WORST ? worst : mean == GEOMETRIC ? exp(logs / count) : sum / weights;
    return 0;
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct multi_size *m = self;
    double value;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    int failed = put_together(m->mean, evidence, &value);
    if (!failed)
        *reward = clip(&m->bounds, value);
    return failed;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "mean",
     .fallback = "weighted",
     .summary = "by the baseline's time on each size, geometric, or the worst size alone",
     .choices = "weighted geometric worst",
     .type = HONE_CHOICE},
    BOUNDS_OPTIONS,
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "multi_size",
    .version = "1.0",
    .summary = "the speedups of all sizes in one number, clipped; 0 unless passed",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
