/* correctness.c - the reward for being right: 1 when the verdict is passed, else 0, or a ladder of
 * levels for how far the candidate came (KernelFoundry and QiMeng reward partial progress this
 * way). */
#include "plugins/reward.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum level { NOT_BUILT, RAN, WRONG, PASSED, LEVELS };

struct correctness {
    double level[LEVELS];
};

/* Four finite numbers with spaces between. */
static int parse_ladder(const char *text, double level[LEVELS]) {
    for (int i = 0; i < LEVELS; i++) {
        char *end;
        level[i] = strtod(text, &end);
        if (end == text || !isfinite(level[i]))
            return -EINVAL;
        text = end;
    }
    return text[strspn(text, " ")] ? -EINVAL : 0;
}

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host;
    struct correctness *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "ladder") && parse_ladder(settings->value, c->level)) {
            if (error)
                snprintf(error->text, sizeof error->text,
                         "ladder: \"%.100s\" is not four numbers with spaces between",
                         settings->value);
            free(c);
            return -EINVAL;
        }
    *self = c;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct correctness *c = self;
    switch (evidence->verdict) {
    case HONE_PASSED:
        *reward = c->level[PASSED];
        return 0;
    case HONE_WRONG:
        *reward = c->level[WRONG];
        return 0;
    case HONE_CRASHED:
    case HONE_TIMED_OUT:
        *reward = c->level[RAN];
        return 0;
    case HONE_PARTIAL:
        /* Stopping early is worth nothing, and is no way around a level below nothing either. */
        *reward = fmin(0, fmin(c->level[RAN], c->level[WRONG]));
        return 0;
    case HONE_REJECTED:
    case HONE_COMPILE_FAILED:
        *reward = c->level[NOT_BUILT];
        return 0;
    case HONE_POLICY_VIOLATION:
    case HONE_HACKED:
        *reward = fmin(0, c->level[NOT_BUILT]); /* cheating never pays */
        return 0;
    default:
        return -EINVAL;
    }
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "ladder",
     .fallback = "0 0 0 1",
     .summary = "four numbers: rejected or not built, crashed or timed out, wrong, passed",
     .type = HONE_TEXT},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {
    .abi = HONE_PLUGIN_ABI,
    .size = sizeof hone_plugin,
    .kind = HONE_REWARD,
    .flags = HONE_PLUGIN_CONCURRENT | HONE_PLUGIN_TRIVIAL,
    .name = "correctness",
    .version = "1.0",
    .summary = "1 when the verdict is passed, else 0; or a ladder of levels",
    .options = options,
    .create = create,
    .destroy = destroy,
    .reward = &ops,
};
