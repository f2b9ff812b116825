/* frozen_reward.c - a reward as the first release's headers let one write it: every type of option,
 * every array of the evidence, a single score and a group's.
 *
 * passed: 8 + workloads that passed / 64 + findings / 1024, times `weight`; else 0. */
#include <hone/reward.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frozen_reward {
    const struct hone_host *host;
    double weight;
    long base;
    int counts_findings, by_speedup;
    char note[64];
};

static int create(const struct hone_host *host, const struct hone_setting *settings, void **self,
                  struct hone_error *error) {
    struct frozen_reward *mine = calloc(1, sizeof *mine);
    if (!mine)
        return -ENOMEM;
    for (; settings->name; settings++) {
        const char *value = settings->value;
        if (!strcmp(settings->name, "weight"))
            mine->weight = strtod(value, NULL);
        else if (!strcmp(settings->name, "base"))
            mine->base = strtol(value, NULL, 10);
        else if (!strcmp(settings->name, "findings"))
            mine->counts_findings = !strcmp(value, "yes");
        else if (!strcmp(settings->name, "group_by"))
            mine->by_speedup = !strcmp(value, "speedup");
        else if (!strcmp(settings->name, "note"))
            snprintf(mine->note, sizeof mine->note, "%s", value);
    }
    if (HONE_HAS(host, service) && host->service(host->self, "no.such.service/1")) {
        if (error)
            snprintf(error->text, sizeof error->text, "the host has a service nobody wrote");
        free(mine);
        return -EPROTO;
    }
    if (HONE_HAS(host, log))
        host->log(host->self, HONE_LOG_DEBUG, mine->note);
    mine->host = host;
    *self = mine;
    return 0;
}

static void destroy(void *self) {
    free(self);
}

static int score(void *self, const struct hone_evidence *evidence, double *reward) {
    const struct frozen_reward *mine = self;
    uint32_t passed = 0, named = 0;
    *reward = 0;
    if (evidence->version != HONE_EVIDENCE_VERSION)
        return -EPROTO;
    if (evidence->verdict != HONE_PASSED)
        return 0;
    for (uint32_t i = 0; i < evidence->workload_count; i++)
        passed += hone_evidence_workload(evidence, i)->verdict == HONE_PASSED;
    for (uint32_t i = 0; i < evidence->finding_count; i++)
        named += hone_evidence_finding(evidence, i)->rule[0] != '\0';
    *reward = mine->weight *
              ((double)mine->base + passed / 64.0 + (mine->counts_findings ? named / 1024.0 : 0.0));
    return 0;
}

static int score_group(void *self, const struct hone_evidence *const *evidence, uint32_t count,
                       double *rewards) {
    const struct frozen_reward *mine = self;
    for (uint32_t i = 0; i < count; i++) {
        rewards[i] = 0;
        for (uint32_t j = 0; j < count; j++)
            rewards[i] += mine->by_speedup ? evidence[i]->speedup > evidence[j]->speedup
                                           : evidence[i]->turn < evidence[j]->turn;
    }
    return 0;
}

static const struct hone_reward_ops ops = {
    .size = sizeof ops, .score = score, .score_group = score_group};

static const struct hone_option options[] = {
    {.name = "weight",
     .fallback = "1",
     .summary = "of everything",
     .low = 0,
     .high = 16,
     .type = HONE_REAL},
    {.name = "base",
     .fallback = "8",
     .summary = "of a kernel that passed",
     .low = 0,
     .high = 64,
     .type = HONE_INTEGER},
    {.name = "findings", .fallback = "yes", .summary = "count them", .type = HONE_FLAG},
    {.name = "group_by",
     .fallback = "speedup",
     .summary = "what a group is ordered by",
     .choices = "speedup turn",
     .type = HONE_CHOICE},
    {.name = "note", .fallback = "as released", .summary = "for the log", .type = HONE_TEXT},
    {.name = NULL},
};

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .flags = HONE_PLUGIN_CONCURRENT,
                                        .name = "frozen_reward",
                                        .version = "0.1.0",
                                        .summary = "a reward that was compiled once and for all",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
