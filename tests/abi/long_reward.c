/* A reward whose author knew more entries, and a longer hone_plugin, than this host. */
#include "plugins/evidence.h"
#include "plugins/plugin.h"

struct hone_reward_ops {
    uint32_t size;
    uint32_t reserved;
    int (*score)(void *self, const struct hone_evidence *evidence, double *reward);
    int (*score_group)(void *self, const struct hone_evidence *const *evidence, uint32_t count,
                       double *rewards);
    int (*score_later)(void *self, int of, int the, int future);
    uint64_t more[8];
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
    *reward = evidence->turn + 0.75;
    return 0;
}

static int score_later(void *self, int of, int the, int future) {
    (void)self;
    return of + the + future;
}

static const struct hone_reward_ops ops = {
    .size = sizeof ops, .score = score, .score_later = score_later, .more = {1}};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin + 64,
                                        .kind = HONE_REWARD,
                                        .name = "long_reward",
                                        .version = "9",
                                        .summary = "newer than this host",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
