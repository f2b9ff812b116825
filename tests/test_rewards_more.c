/* The rewards that see more than one number: the roofline, the sizes, the parent, the group. */
#include "tests/reward_fixture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Evidence with rows, as one block. */
struct block {
    struct hone_evidence head;
    struct hone_workload_row rows[4];
};

static struct block timed(double kernel_ns, double baseline_ns, double roofline_ns) {
    struct block block = {.head = {.size = sizeof block.head,
                                   .version = HONE_EVIDENCE_VERSION,
                                   .bytes = sizeof block,
                                   .verdict = HONE_PASSED,
                                   .valid = HONE_HAS_SPEEDUP | HONE_HAS_KERNEL_NS |
                                            HONE_HAS_BASELINE_NS | HONE_HAS_ROOFLINE |
                                            HONE_HAS_COVERAGE,
                                   .kernel_ns = kernel_ns,
                                   .baseline_ns = baseline_ns,
                                   .roofline_ns = roofline_ns,
                                   .roofline_fraction = roofline_ns / kernel_ns,
                                   .speedup = baseline_ns / kernel_ns,
                                   .coverage = 1,
                                   .parent_coverage = (double)NAN,
                                   .parent_roofline_fraction = (double)NAN,
                                   .workload_offset = sizeof block.head,
                                   .workload_size = sizeof block.rows[0]}};
    return block;
}

static int score(const struct reward *reward, const struct block *block, double *value) {
    *value = (double)NAN;
    return reward->instance.loaded.plugin->reward->score(reward->instance.self, &block->head,
                                                         value);
}

static double with(const char *name, const char *override, struct block block) {
    struct reward reward = reward_make(name, override, NULL);
    double value;
    cr_assert(eq(int, score(&reward, &block, &value), 0), "%s", name);
    reward_drop(&reward);
    return value;
}

static void add_size(struct block *block, uint32_t set, double baseline_ns, double speedup) {
    struct hone_workload_row *row = &block->rows[block->head.workload_count++];
    row->set = set;
    row->baseline_ns[0] = baseline_ns;
    row->speedup = speedup;
}

/* ---- roofline ---- */

Test(rewards_more, score_the_roofline_as_sol_execbench_does) {
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(100, 100, 20)), 0.5, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(20, 100, 20)), 1, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(60, 100, 20)), 1 / 1.5, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(180, 100, 20)), 1.0 / 3, 1e-12));
}

Test(rewards_more, give_no_more_than_one_below_the_roof) {
    cr_expect(eq(dbl, with("roofline", NULL, timed(10, 100, 20)), 1));
}

Test(rewards_more, measure_against_the_roof_when_the_baseline_is_there) {
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(40, 20, 20)), 0.5, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(40, 15, 20)), 0.5, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(80, 20, 20)), 0.25, 1e-12));
    cr_expect(epsilon_eq(dbl, with("roofline", NULL, timed(25, 20, 20)), 0.8, 1e-12));
}

Test(rewards_more, never_fall_on_the_roofline_when_a_kernel_gets_faster) {
    double before = 0;
    for (double kernel_ns = 1000; kernel_ns > 1; kernel_ns *= 0.99) {
        double value = with("roofline", NULL, timed(kernel_ns, 300, 25));
        cr_assert(le(dbl, before, value));
        cr_assert(le(dbl, value, 1));
        before = value;
    }
}

Test(rewards_more, have_no_place_on_the_roofline_for_a_time_that_is_none) {
    struct reward reward = reward_make("roofline", NULL, NULL);
    static const double odd[] = {0, -1, (double)NAN, (double)INFINITY};
    for (int i = 0; i < 4; i++) {
        struct block block = timed(50, 100, 20);
        double value;
        block.head.kernel_ns = odd[i];
        cr_expect(eq(int, score(&reward, &block, &value), -ENODATA), "%g", odd[i]);
        block.head.kernel_ns = 50;
        block.head.baseline_ns = odd[i];
        cr_expect(eq(int, score(&reward, &block, &value), -ENODATA), "%g", odd[i]);
    }
    reward_drop(&reward);
}

Test(rewards_more, give_what_the_user_says_without_a_roofline) {
    struct block block = timed(50, 100, 20);
    block.head.valid &= ~(uint32_t)HONE_HAS_ROOFLINE;
    block.head.roofline_ns = (double)NAN;
    cr_expect(eq(dbl, with("roofline", NULL, block), 0));
    cr_expect(eq(dbl, with("roofline", "reward.roofline.missing=0.25", block), 0.25));
    static const double odd[] = {0, -1, (double)NAN, (double)INFINITY};
    block.head.valid |= HONE_HAS_ROOFLINE;
    for (int i = 0; i < 4; i++) {
        block.head.roofline_ns = odd[i];
        cr_expect(eq(dbl, with("roofline", "reward.roofline.missing=0.25", block), 0.25), "%g",
                  odd[i]);
    }
}

/* ---- sizes ---- */

Test(rewards_more, weigh_sizes_by_what_the_baseline_takes) {
    struct block block = timed(1, 1, 1);
    add_size(&block, HONE_VERIFY, 1e9, 100); /* not timed for the score */
    add_size(&block, HONE_BENCH, 100, 2);
    add_size(&block, HONE_BENCH, 300, 1);
    cr_expect(epsilon_eq(dbl, with("multi_size", NULL, block), 1.25, 1e-12));
    cr_expect(epsilon_eq(dbl, with("multi_size", "reward.multi_size.mean=geometric", block),
                         sqrt(2), 1e-12));
    cr_expect(eq(dbl, with("multi_size", "reward.multi_size.mean=worst", block), 1));
    block.rows[1].speedup = 0.5; /* the worst need not come last */
    cr_expect(eq(dbl, with("multi_size", "reward.multi_size.mean=worst", block), 0.5));
    block.rows[1].speedup = 2;
    cr_expect(eq(dbl, with("multi_size", "reward.multi_size.high=1.125", block), 1.125));
}

Test(rewards_more, never_fall_on_sizes_when_one_gets_faster) {
    static const char *const means[] = {"reward.multi_size.mean=weighted",
                                        "reward.multi_size.mean=geometric",
                                        "reward.multi_size.mean=worst"};
    for (int i = 0; i < 3; i++) {
        double before = 0;
        for (double speedup = 0.125; speedup < 8; speedup *= 1.25) {
            struct block block = timed(1, 1, 1);
            add_size(&block, HONE_BENCH, 100, speedup);
            add_size(&block, HONE_BENCH, 50, 1.5);
            double value = with("multi_size", means[i], block);
            cr_assert(le(dbl, before, value), "%s at %g", means[i], speedup);
            cr_assert(le(dbl, value, 3));
            before = value;
        }
    }
}

Test(rewards_more, refuse_to_judge_a_size_that_was_not_timed) {
    struct reward reward = reward_make("multi_size", NULL, NULL);
    struct block block = timed(1, 1, 1);
    double value;
    cr_expect(eq(int, score(&reward, &block, &value), -ENODATA));
    add_size(&block, HONE_BENCH, 100, (double)NAN);
    cr_expect(eq(int, score(&reward, &block, &value), -ENODATA));
    block.rows[0].speedup = (double)INFINITY; /* nothing is worth the most there is */
    cr_expect(eq(int, score(&reward, &block, &value), -ENODATA));
    block.rows[0].speedup = 2;
    block.rows[0].baseline_ns[0] = (double)INFINITY;
    cr_expect(eq(int, score(&reward, &block, &value), -ENODATA));
    reward_drop(&reward);
}

/* ---- parent ---- */

static struct block child_of(double parent_speedup, double parent_coverage) {
    struct block block = timed(100, 200, 20);
    block.head.valid |= HONE_HAS_PARENT;
    block.head.parent_kernel_ns = 200 / parent_speedup;
    block.head.parent_speedup = parent_speedup;
    block.head.parent_coverage = parent_coverage;
    return block;
}

Test(rewards_more, charge_for_each_metric_that_got_worse) {
    cr_expect(eq(dbl, with("guardrail", NULL, child_of(1.5, 1)), 0));
    cr_expect(eq(dbl, with("guardrail", NULL, child_of(2.05, 1)), 0)); /* within the margin */
    cr_expect(eq(dbl, with("guardrail", NULL, child_of(3, 1)), -0.25));
    struct block lazier = child_of(3, 1);
    lazier.head.coverage = 0.5;
    cr_expect(eq(dbl, with("guardrail", NULL, lazier), -0.5));
    cr_expect(eq(dbl, with("guardrail", "reward.guardrail.penalty=0", lazier), 0));
    cr_expect(eq(dbl, with("guardrail", "reward.guardrail.metrics=coverage", child_of(3, 1)), 0));
}

/* Just within and just beyond the margin of 5 %, for every metric on its own. */
Test(rewards_more, charge_for_the_metric_that_is_watched_beyond_its_margin) {
    static const char *const metrics[] = {"kernel_ns", "speedup", "coverage", "roofline_fraction"};
    for (int i = 0; i < 4; i++)
        for (int beyond = 0; beyond < 2; beyond++) {
            const double worse = beyond ? 1.051 : 1.049;
            char option[64];
            struct block block = child_of(2, 1);
            block.head.parent_kernel_ns = 100 / (i == 0 ? worse : 1);
            block.head.parent_speedup = 2 * (i == 1 ? worse : 1);
            block.head.parent_coverage = 1 * (i == 2 ? worse : 1);
            block.head.parent_roofline_fraction = 0.2 * (i == 3 ? worse : 1);
            snprintf(option, sizeof option, "reward.guardrail.metrics=%s", metrics[i]);
            cr_expect(eq(dbl, with("guardrail", option, block), beyond ? -0.25 : 0), "%s by %g",
                      metrics[i], worse);
            option[strlen(option) - strlen(metrics[i])] = '\0'; /* none is watched */
            cr_expect(eq(dbl, with("guardrail", option, block), 0), "%s", metrics[i]);
        }
    cr_expect(eq(dbl, with("guardrail", "reward.guardrail.margin=0.6", child_of(3, 1)), 0));
    cr_expect(eq(dbl, with("guardrail", "reward.guardrail.margin=0.4", child_of(3, 1)), -0.25));
}

Test(rewards_more, never_fall_past_the_guardrail_when_a_kernel_gets_faster) {
    double before = -1;
    for (double kernel_ns = 400; kernel_ns > 20; kernel_ns *= 0.97) {
        struct block block = child_of(2, 1);
        block.head.kernel_ns = kernel_ns;
        block.head.speedup = 200 / kernel_ns;
        double value = with("guardrail", "reward.guardrail.metrics=kernel_ns speedup", block);
        cr_assert(le(dbl, before, value), "at %g ns", kernel_ns);
        cr_assert(le(dbl, -0.5, value));
        cr_assert(le(dbl, value, 0));
        before = value;
    }
    cr_expect(eq(dbl, before, 0));
}

Test(rewards_more, charge_nothing_without_a_parent_that_passed) {
    struct block block = child_of(3, 1);
    block.head.valid &= ~(uint32_t)HONE_HAS_PARENT;
    cr_expect(eq(dbl, with("guardrail", NULL, block), 0));
}

Test(rewards_more, compare_nothing_with_what_older_evidence_lacks) {
    struct block block = child_of(2, 1);
    block.head.size = offsetof(struct hone_evidence, parent_coverage);
    block.head.parent_coverage = 5;
    block.head.coverage = 0.1;
    cr_expect(eq(dbl, with("guardrail", NULL, block), 0));
}

Test(rewards_more, refuse_a_metric_that_nobody_knows) {
    struct hone_settings *settings;
    struct hone_instance instance;
    const char *const overrides[] = {"reward.guardrail.metrics=speedup beauty", NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, &settings, &error), 0));
    cr_expect(
        eq(int,
           hone_instance_create(settings, "guardrail", HONE_REWARD, NULL, NULL, &instance, &error),
           -EREMOTEIO));
    cr_expect(ne(ptr, strstr(error.text, "no metric \"beauty\""), NULL), "%s", error.text);
    hone_settings_close(settings);
}

Test(rewards_more, are_zero_on_every_failure) {
    static const char *const names[] = {"roofline", "multi_size", "guardrail"};
    for (int i = 0; i < 3; i++)
        for (uint32_t verdict = HONE_PARTIAL; verdict < HONE_INFRA_FAILED; verdict++) {
            struct block block = child_of(3, 1);
            add_size(&block, HONE_BENCH, 100, 2);
            block.head.verdict = verdict;
            cr_expect(eq(dbl, with(names[i], NULL, block), 0), "%s, verdict %u", names[i], verdict);
        }
}

/* ---- group ---- */

Test(rewards_more, rank_what_was_not_timed_with_what_failed) {
    struct block blocks[2] = {timed(100, 300, 1), timed(100, 200, 1)};
    const struct hone_evidence *group[2] = {&blocks[0].head, &blocks[1].head};
    struct reward reward = reward_make("rank", NULL, NULL);
    double ranks[2];
    blocks[0].head.valid &= ~(uint32_t)HONE_HAS_SPEEDUP;
    cr_assert(eq(
        int,
        reward.instance.loaded.plugin->reward->score_group(reward.instance.self, group, 2, ranks),
        0));
    cr_expect(eq(dbl, ranks[0], 0));
    cr_expect(eq(dbl, ranks[1], 1));
    reward_drop(&reward);
}

static void rank(const double *speedups, uint32_t count, double *ranks) {
    struct block blocks[8];
    const struct hone_evidence *group[8];
    struct reward reward = reward_make("rank", NULL, NULL);
    for (uint32_t i = 0; i < count; i++) {
        blocks[i] = timed(100, 100 * fabs(speedups[i]), 1);
        if (speedups[i] < 0)
            blocks[i].head.verdict = HONE_WRONG;
        group[i] = &blocks[i].head;
    }
    cr_assert(eq(int,
                 reward.instance.loaded.plugin->reward->score_group(reward.instance.self, group,
                                                                    count, ranks),
                 0));
    reward_drop(&reward);
}

Test(rewards_more, rank_a_group_by_speed_with_failures_last) {
    double ranks[5];
    rank((double[]){1.5, -9, 3, 1.5, -1}, 5, ranks);
    cr_expect(eq(dbl, ranks[2], 1));
    cr_expect(eq(dbl, ranks[0], 0.625)); /* two behind, one equal, of four */
    cr_expect(eq(dbl, ranks[3], 0.625));
    cr_expect(eq(dbl, ranks[1], 0));
    cr_expect(eq(dbl, ranks[4], 0));
}

/* Faster is never further behind, and places are shared out of what there is. */
Test(rewards_more, never_fall_in_rank_when_a_kernel_gets_faster) {
    double before = 0, ranks[4];
    for (double speedup = 0.25; speedup < 5; speedup *= 1.1) {
        rank((double[]){1, speedup, 2, 4}, 4, ranks);
        cr_assert(le(dbl, before, ranks[1]), "at %g", speedup);
        for (int i = 0; i < 4; i++) {
            cr_assert(le(dbl, 0, ranks[i]));
            cr_assert(le(dbl, ranks[i], 1));
        }
        cr_assert(epsilon_eq(dbl, ranks[0] + ranks[1] + ranks[2] + ranks[3], 2, 1e-12));
        before = ranks[1];
    }
    cr_expect(eq(dbl, before, 1));
}

Test(rewards_more, rank_one_alone_by_whether_it_passed) {
    double rank_of;
    rank((double[]){0.5}, 1, &rank_of);
    cr_expect(eq(dbl, rank_of, 1));
    rank((double[]){-1}, 1, &rank_of);
    cr_expect(eq(dbl, rank_of, 0));
}
