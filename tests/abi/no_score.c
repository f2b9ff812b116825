/* A reward that cannot score: its table ends before the entry. */
#include "plugins/reward.h"

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    (void)host, (void)settings, (void)self, (void)error;
    return 0;
}

static void destroy(void *self) {
    (void)self;
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    (void)self, (void)evidence, (void)reward;
    return 0;
}

static const struct hone_reward_ops ops = {.size = 8, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "no_score",
                                        .version = "0",
                                        .summary = "a table that is too short",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
