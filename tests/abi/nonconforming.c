/* A reward that breaks every promise `hone plugin check` looks at, one after another. */
#include "plugins/reward.h"

#include <math.h>
#include <signal.h>

extern int leaked_symbol __attribute__((visibility("default")));
int leaked_symbol;

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
    static int calls;
    if (evidence->samples == UINT32_MAX) { /* reads past the block */
        signal(SIGSEGV, SIG_DFL);          /* a sanitizer's host would make it an exit */
        calls += ((const volatile char *)evidence)[evidence->bytes];
    }
    *reward = evidence->verdict == HONE_PASSED ? evidence->speedup : calls++;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {{.name = NULL}};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "another_name",
                                        .version = "1",
                                        .summary = "breaks promises",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
