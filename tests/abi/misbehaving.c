/* A reward that does what it is told to: for tests of what its host makes of that. */
#include "plugins/reward.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct misbehaving {
    const struct hone_host *host;
    char how[16];
    double drift;
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    struct misbehaving *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->host = host;
    for (; settings->name; settings++)
        if (!strcmp(settings->name, "how"))
            snprintf(m->how, sizeof m->how, "%s", settings->value);
    if (!strcmp(m->how, "refuse")) {
        if (error)
            snprintf(error->text, sizeof error->text, "not in the mood");
        free(m);
        return -EPIPE; /* which means of a worker that it was lost */
    }
    *self = m;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    struct misbehaving *m = self;
    *reward = evidence->speedup;
    /* Only on the turn that asks for it, so that a test sees the host recover. */
    if (evidence->turn != 13)
        return 0;
    if (!strcmp(m->how, "crash")) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's host would make it an exit */
        raise(SIGSEGV);
    }
    if (!strcmp(m->how, "hang"))
        for (;;)
            pause();
    if (!strcmp(m->how, "exit"))
        _exit(3);
    if (!strcmp(m->how, "nan"))
        *reward = NAN;
    if (!strcmp(m->how, "infinite"))
        *reward = INFINITY;
    if (!strcmp(m->how, "fail"))
        return -ENODATA;
    if (!strcmp(m->how, "positive"))
        return 7;
    if (!strcmp(m->how, "drift"))
        *reward = m->drift++;
    return 0;
}

static const struct hone_reward_ops ops = {.size = sizeof ops, .score = score};

static const struct hone_option options[] = {
    {.name = "how",
     .fallback = "well",
     .summary = "what to do in turn 13",
     .choices = "well crash hang exit nan infinite fail positive drift refuse",
     .type = HONE_CHOICE},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .name = "misbehaving",
                                        .version = "1",
                                        .summary = "does what it is told to",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
