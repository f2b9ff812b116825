/* guardrail.c - the price of a step backwards: for every metric named that got worse than the
 * parent's by more than a margin, minus `penalty` (the regression guardrail of OptiML). 0 without a
 * parent that passed, 0 unless passed: what failed costs enough elsewhere. */
#include "plugins/reward.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRICS 4

struct guardrail {
    double margin, penalty;
    bool watched[METRICS];
};

/* What is compared, so that more is worse: a time, or the inverse of something good. */
static double kernel_ns(const struct hone_evidence *e, bool parent) {
    return parent ? e->parent_kernel_ns : e->kernel_ns;
}
static double slowness(const struct hone_evidence *e, bool parent) {
    return 1 / (parent ? e->parent_speedup : e->speedup);
}
static double dependence(const struct hone_evidence *e, bool parent) {
    const bool known = HONE_EVIDENCE_HAS(e, parent_coverage);
    return 1 / (!parent ? e->coverage : known ? e->parent_coverage : (double)NAN);
}
static double distance(const struct hone_evidence *e, bool parent) {
    const bool known = HONE_EVIDENCE_HAS(e, parent_roofline_fraction);
    return 1 / (!parent ? e->roofline_fraction : known ? e->parent_roofline_fraction : (double)NAN);
}

static const struct {
    const char *name;
    double (*badness)(const struct hone_evidence *, bool parent);
} metrics[METRICS] = {
    {"kernel_ns", kernel_ns},
    {"speedup", slowness},
    {"coverage", dependence},
    {"roofline_fraction", distance},
};

static int watch(struct guardrail *g, const char *words, struct hone_error *error) {
    while (*(words += strspn(words, " "))) {
        size_t length = strcspn(words, " "), i = 0;
        while (i < METRICS &&
               (strlen(metrics[i].name) != length || strncmp(metrics[i].name, words, length) != 0))
            i++;
        if (i == METRICS) {
            if (error)
                snprintf(error->text, sizeof error->text,
                         "metrics: no metric \"%.*s\", expected some of: kernel_ns speedup "
                         "coverage roofline_fraction",
                         (int)(length < 64 ? length : 64), words);
            return -EINVAL;
        }
        g->watched[i] = true;
        words += length;
    }
    return 0;
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host;
    struct guardrail *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    int failed = 0;
    for (; settings->name && !failed; settings++) {
        if (!strcmp(settings->name, "margin"))
            g->margin = strtod(settings->value, NULL);
        else if (!strcmp(settings->name, "penalty"))
            g->penalty = strtod(settings->value, NULL);
        else if (!strcmp(settings->name, "metrics"))
            failed = watch(g, settings->value, error);
    }
    if (failed) {
        free(g);
        return failed;
    }
    *self = g;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct guardrail *g = self;
    int worse = 0;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED || !(evidence->valid & HONE_HAS_PARENT))
        return 0;
    for (int i = 0; i < METRICS; i++) {
        const double now = metrics[i].badness(evidence, false);
        const double before = metrics[i].badness(evidence, true);
        /* One that either did not have compares as false. */
        worse += g->watched[i] && now > before * (1 + g->margin);
    }
    if (worse)
        *reward = -worse * g->penalty;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "metrics",
     .fallback = "speedup coverage",
     .summary = "what is watched: some of kernel_ns, speedup, coverage, roofline_fraction",
     .type = HONE_TEXT},
    {.name = "margin",
     .fallback = "0.05",
     .summary = "how much worse is still well, as a share of the parent's",
     .low = 0,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = "penalty",
     .fallback = "0.25",
     .summary = "what each metric that got worse costs",
     .low = 0,
     .high = 1e6,
     .type = HONE_REAL},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "guardrail",
    .version = "1.0",
    .summary = "minus a penalty for each metric that got worse than the parent's",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
