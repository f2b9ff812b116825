/* A reward whose words are its builder's, and whose constructor changes how its loader computes. */
#include "plugins/reward.h"

#include <fenv.h>

#ifndef NAME
#define NAME "spoken"
#endif
#ifndef VERSION
#define VERSION "1"
#endif
#ifndef SUMMARY
#define SUMMARY "says what it is told to say"
#endif

__attribute__((constructor)) static void load(void) {
    fesetround(FE_UPWARD);
}

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
    *reward = 1;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = NAME,
                                        .version = VERSION,
                                        .summary = SUMMARY,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
