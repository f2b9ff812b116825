#include "core/rescore_private.h"

#include "core/error.h"
#include "core/rescore_audit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The order of the sum is that of hone_rewards_score(): bits depend on it. */
static int add_up(const struct hone_rewards *rewards, struct hone_rescored *row,
                  struct hone_error *error) {
    double sum = 0;
    for (uint32_t i = 0; i < rewards->count; i++)
        sum += rewards->names[i].weight * row->parts[i];
    if (!isfinite(sum))
        return hone_fail(error, -EDOM,
                         "step %llu: weights times parts add up to %g, expected a finite number",
                         (unsigned long long)row->step, sum);
    row->fresh = sum;
    return 0;
}

static int score_one(struct hone_rescore *rescore, struct hone_rescored *row,
                     const struct hone_evidence *evidence, struct hone_error *error) {
    for (uint32_t i = 0; i < rescore->rewards.count; i++) {
        const struct hone_instance *instance = &rescore->rewards.instances[i];
        const struct hone_reward_ops *ops = instance->loaded.plugin->reward;
        if (!HONE_HAS(ops, score))
            continue;
        hone_watch_begin(rescore->watch, rescore->limit_ms, "step %llu: reward %s",
                         (unsigned long long)row->step, rescore->rewards.names[i].name);
        int code = ops->score(instance->self, evidence, &row->parts[i]);
        hone_watch_end(rescore->watch);
        if (code || !isfinite(row->parts[i]))
            return hone_fail(error, -EREMOTEIO, "step %llu: reward %s: %s",
                             (unsigned long long)row->step, rescore->rewards.names[i].name,
                             code ? hone_error_text(code) : "the score is not a finite number");
    }
    return 0;
}

static int score_sealed(struct hone_rescore *rescore, struct hone_rescored *row,
                        struct hone_evidence *evidence, struct hone_error *error) {
    struct hone_sealed sealed;
    int failed = hone_rescore_seal(&evidence, 1, &sealed, error);
    if (failed)
        return failed;
    failed = score_one(rescore, row, sealed.rows[0], error);
    hone_rescore_unseal(&sealed);
    return failed;
}

static int rescore_one(struct hone_rescore *rescore, uint32_t index, struct hone_error *error) {
    struct hone_rescored *row = &rescore->rows[index];
    struct hone_evidence *evidence;
    for (uint32_t i = 0; i < rescore->rewards.count; i++)
        row->parts[i] = NAN;
    int failed = hone_rescore_evidence(rescore, index, &evidence, error);
    if (failed || !evidence)
        return failed;
    row->verdict = row->stored_verdict = evidence->verdict;
    if (rescore->audit)
        failed = hone_audit_look(rescore->audit, rescore->run, row,
                                 rescore->origins[index].evidence_step, evidence, error);
    if (!failed && row->verdict != HONE_INFRA_FAILED)
        failed = score_sealed(rescore, row, evidence, error);
    free(evidence);
    return failed;
}

static int call_group(struct hone_rescore *rescore, uint32_t part,
                      const struct hone_evidence *const *group, uint32_t count, double *values,
                      struct hone_error *error) {
    const struct hone_instance *instance = &rescore->rewards.instances[part];
    const char *name = rescore->rewards.names[part].name;
    for (uint32_t i = 0; i < count; i++)
        values[i] = NAN; /* what it leaves out is no reward of 0 */
    hone_watch_begin(rescore->watch, rescore->limit_ms + count, "reward %s, a group of %u", name,
                     count);
    int code = instance->loaded.plugin->reward->score_group(instance->self, group, count, values);
    hone_watch_end(rescore->watch);
    int failed =
        code ? hone_fail(error, -EREMOTEIO, "reward %s, a group: %s", name, hone_error_text(code))
             : 0;
    for (uint32_t i = 0; i < count && !failed; i++)
        if (!isfinite(values[i]))
            failed = hone_fail(error, -EREMOTEIO,
                               "reward %s, a group: score %u of %u is not a finite number", name,
                               i + 1, count);
    return failed;
}

static int call_sealed(struct hone_rescore *rescore, uint32_t part, struct hone_evidence **group,
                       uint32_t count, double *values, struct hone_error *error) {
    struct hone_sealed sealed;
    int failed = hone_rescore_seal(group, count, &sealed, error);
    if (failed)
        return failed;
    failed = call_group(rescore, part, sealed.rows, count, values, error);
    hone_rescore_unseal(&sealed);
    return failed;
}

/* The rollouts of one task and group: all rows from `first` on that are like it. */
static int score_group(struct hone_rescore *rescore, uint32_t part, uint32_t first, bool *done,
                       struct hone_error *error) {
    const uint32_t most = rescore->count - first;
    struct hone_evidence **group = calloc(most, sizeof *group);
    uint32_t *members = calloc(most, sizeof *members), count = 0;
    double *ranks = calloc(most, sizeof *ranks);
    int failed = group && members && ranks ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    const struct hone_rescored *like = &rescore->rows[first];
    for (uint32_t i = first; !failed && i < rescore->count; i++) {
        struct hone_rescored *row = &rescore->rows[i];
        if (done[i] || strcmp(row->task, like->task) || strcmp(row->group, like->group))
            continue;
        done[i] = true;
        if (row->verdict == HONE_INFRA_FAILED || row->verdict == HONE_UNDECIDED)
            continue;
        failed = hone_rescore_evidence(rescore, i, &group[count], error);
        if (failed)
            break;
        group[count]->verdict = row->verdict;
        members[count++] = i;
    }
    if (!failed && count > 0)
        failed = call_sealed(rescore, part, group, count, ranks, error);
    for (uint32_t i = 0; i < count; i++) {
        rescore->rows[members[i]].parts[part] = ranks[i];
        free(group[i]);
    }
    free(group);
    free(members);
    free(ranks);
    return failed;
}

static int score_groups(struct hone_rescore *rescore, struct hone_error *error) {
    bool *done = calloc(rescore->count + 1, sizeof *done);
    int failed = done ? 0 : hone_fail(error, -ENOMEM, "out of memory");
    for (uint32_t part = 0; !failed && part < rescore->rewards.count; part++) {
        if (HONE_HAS(rescore->rewards.instances[part].loaded.plugin->reward, score))
            continue;
        memset(done, 0, rescore->count * sizeof *done);
        for (uint32_t i = 0; !failed && i < rescore->count; i++)
            if (!done[i])
                failed = score_group(rescore, part, i, done, error);
    }
    free(done);
    return failed;
}

static int rescore_all(struct hone_rescore *rescore, struct hone_error *error) {
    int failed = 0;
    for (uint32_t i = 0; !failed && i < rescore->count; i++)
        failed = rescore_one(rescore, i, error);
    if (!failed)
        failed = score_groups(rescore, error);
    for (uint32_t i = 0; !failed && i < rescore->count; i++)
        if (rescore->rows[i].verdict != HONE_INFRA_FAILED &&
            rescore->rows[i].verdict != HONE_UNDECIDED)
            failed = add_up(&rescore->rewards, &rescore->rows[i], error);
    return failed;
}

int hone_rescore_open(struct hone_run *run, const struct hone_settings *settings, bool audit,
                      struct hone_watch *watch, struct hone_rescore **out,
                      struct hone_error *error) {
    struct hone_rescore *rescore = calloc(1, sizeof *rescore);
    if (!rescore)
        return hone_fail(error, -ENOMEM, "out of memory");
    rescore->run = run;
    rescore->database = hone_run_database(run);
    rescore->watch = watch;
    rescore->limit_ms = (uint32_t)hone_settings_integer(settings, "scorer", "deadline_ms");
    int failed = hone_rewards_open_here(settings, watch, &rescore->rewards, error);
    if (!failed && audit)
        failed = hone_audit_open(settings, watch, &rescore->audit, error);
    if (!failed)
        failed = hone_rescore_read(rescore, error);
    if (!failed)
        failed = rescore_all(rescore, error);
    if (!failed) {
        *out = rescore;
        return 0;
    }
    hone_watch_begin(watch, HONE_WATCH_LOAD_MS, "destroying the plugins");
    hone_rescore_close(rescore);
    hone_watch_end(watch);
    return failed;
}

void hone_rescore_close(struct hone_rescore *rescore) {
    if (!rescore)
        return;
    for (uint32_t i = 0; i < rescore->count; i++) {
        free((char *)rescore->rows[i].task);
        free((char *)rescore->rows[i].group);
        free((char *)rescore->rows[i].finding);
    }
    hone_recall_close(rescore->recall);
    hone_audit_close(rescore->audit);
    hone_rewards_close(&rescore->rewards);
    free(rescore->rows);
    free(rescore->origins);
    free(rescore);
}

const struct hone_rescored *hone_rescore_rows(const struct hone_rescore *rescore, uint32_t *count) {
    *count = rescore->count;
    return rescore->rows;
}

const struct hone_reward_name *hone_rescore_parts(const struct hone_rescore *rescore,
                                                  uint32_t *count) {
    *count = rescore->rewards.count;
    return rescore->rewards.names;
}

static bool same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

bool hone_rescored_same(const struct hone_rescored *row, uint32_t part_count) {
    bool same = same_bits(row->stored, row->fresh) && row->stored_count == part_count;
    for (uint32_t i = 0; same && i < part_count; i++)
        same = same_bits(row->stored_parts[i], row->parts[i]);
    return same;
}
