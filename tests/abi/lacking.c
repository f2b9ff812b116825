/* A reward that is as it should be, but for one field: whoever includes this says which. */
#include "plugins/reward.h"

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)error;
    *self = NULL;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    (void)self, (void)evidence;
    *reward = 0;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "lacking",
                                        .version = "0",
                                        .summary = "a field is not as it should be",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops,
                                        .FIELD = VALUE};
