/* A reward whose author knew a table without the entries after score. */
#include "plugins/evidence.h"
#include "plugins/plugin.h"

struct hone_reward_ops {
    uint32_t size;
    uint32_t reserved;
    int (*score)(void *self, const struct hone_evidence *evidence, double *reward);
};

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
    (void)self;
    *reward = evidence->turn + 0.25;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "short_reward",
                                        .version = "0",
                                        .summary = "older than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
