/* my_reward.c - a reward of your own: 1 for a kernel that passed, plus a bonus for each time it
 * doubled the speed.
 *
 *   make && hone plugin check ./my_reward.so && hone eval --reward ./my_reward.so --task dl/softmax
 * kernel.c
 */
#include <hone/reward.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct my_reward {
    double bonus;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)error;
    struct my_reward *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "bonus"))
            mine->bonus = strtod(settings->value, NULL); /* the host has checked it */
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct my_reward *mine = self;
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    if (!(evidence->valid & HONE_HAS_SPEEDUP) || !(evidence->speedup > 0))
        return -ENODATA; /* never guess: the step is repeated */
    *reward = 1 + mine->bonus * fmin(fmax(log2(evidence->speedup), 0), 10);
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "bonus",
     .fallback = "0.5",
     .summary = "for each doubling of the speed",
     .low = 0,
     .high = 10,
     .type = HONE_REAL},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .name = "my_reward",
    .version = "1.0",
    .summary = "1 for passing, and a bonus for each doubling of the speed",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
