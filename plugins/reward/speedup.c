/* speedup.c - the reward for being fast: the speedup S over the score baseline, clipped; 0 unless
 * passed.
 *
 * linear: clip(S, low, high), Dr.Kernel's term with its defaults 0 and 3. log2: clip(log2 S, low,
 * high). tiers: clip(t, low, high) with t = 1, 0.8, 0.6, 0.4, 0.2 from S = 3, 2, 1.5, 1.2, 1 on,
 * else 0 (KernelGYM's tiers, which are KernelBench's thresholds of fast_p). */
#include "plugins/reward/bounds.h"

enum scale { LINEAR, LOG2, TIERS };

struct speedup {
    struct bounds bounds;
    enum scale scale;
    int use_low;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host;
    struct speedup *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    for (; settings->name; settings++) {
        const char *value = settings->value;
        if (take_bound(settings, &s->bounds))
            continue;
        if (!strcmp(settings->name, "scale"))
            s->scale = !strcmp(value, "log2") ? LOG2 : !strcmp(value, "tiers") ? TIERS : LINEAR;
        else if (!strcmp(settings->name, "use"))
            s->use_low = !strcmp(value, "low");
    }
    int failed = check_bounds(&s->bounds, error);
    if (failed) {
        free(s);
        return failed;
    }
    *self = s;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static double tier(double speedup) {
    static const double from[] = {3, 2, 1.5, 1.2, 1}, value[] = {1, 0.8, 0.6, 0.4, 0.2};
    for (int i = 0; i < 5; i++)
        if (speedup >= from[i])
            return value[i];
    return 0;
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct speedup *s = self;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    double speedup = s->use_low ? evidence->speedup_low : evidence->speedup;
    if (!(evidence->valid & HONE_HAS_SPEEDUP) || !(speedup >= 0) || isinf(speedup))
        return -ENODATA; /* what passed was timed, and took time */
    double value = s->scale == LOG2 ? log2(speedup) : s->scale == TIERS ? tier(speedup) : speedup;
    *reward = clip(&s->bounds, value);
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    BOUNDS_OPTIONS,
    {.name = "scale",
     .fallback = "linear",
     .summary = "how the speedup counts",
     .choices = "linear log2 tiers",
     .type = HONE_CHOICE},
    {.name = "use",
     .fallback = "median",
     .summary = "the median, or the low end of its interval",
     .choices = "median low",
     .type = HONE_CHOICE},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "speedup",
    .version = "1.0",
    .summary = "the speedup over the score baseline, clipped; 0 unless passed",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
