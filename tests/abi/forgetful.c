/* A reward that knows the structs of its own day only: it steps by its own rows' size, and reads a
 * field without asking whether it is there. */
#include "plugins/reward.h"

#include <signal.h>

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
    *reward = 0;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's host would make it an exit */
    *reward = evidence->parent_coverage > 0.5;
    const struct hone_workload_row *rows = hone_evidence_workload(evidence, 0);
    for (uint32_t i = 0; i < evidence->workload_count; i++)
        *reward += rows[i].calls + (rows[i].speedup > 0 ? 0 : rows[i].speedup);
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "forgetful",
                                        .version = "1",
                                        .summary = "knows its own day only",
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
