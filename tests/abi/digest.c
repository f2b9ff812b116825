/* A reward that depends on every bit of the evidence it is shown: comes out again only when all of
 * that was stored, and is shown again. */
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

/* FNV-1a; its upper 52 bits, so that the number is exact. */
static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    (void)self;
    const unsigned char *bytes = (const void *)evidence;
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < evidence->bytes; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    *reward = (double)(hash >> 12);
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "digest",
                                        .version = "1",
                                        .summary = "every bit of the evidence",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
