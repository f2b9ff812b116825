/* The built-in rewards against Dr.Kernel's formula as its code computes it: 0.5 C + 0.5 clip(S, 0,
 * 3) + 0.5 P C, and against the design's other scales. */
#include "tests/reward_fixture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int score(const struct reward *reward, const struct hone_evidence *evidence, double *value) {
    *value = (double)NAN;
    return reward->instance.loaded.plugin->reward->score(reward->instance.self, evidence, value);
}

static double value_of(const struct reward *reward, const struct hone_evidence *evidence) {
    double value;
    cr_assert(eq(int, score(reward, evidence, &value), 0));
    return value;
}

static struct hone_evidence passed(double speedup, double coverage) {
    return (struct hone_evidence){.size = sizeof(struct hone_evidence),
                                  .version = HONE_EVIDENCE_VERSION,
                                  .bytes = sizeof(struct hone_evidence),
                                  .verdict = HONE_PASSED,
                                  .valid = HONE_HAS_SPEEDUP | HONE_HAS_COVERAGE,
                                  .speedup = speedup,
                                  .speedup_low = speedup * 0.9,
                                  .speedup_high = speedup * 1.1,
                                  .coverage = coverage,
                                  .op_steps = 1};
}

static struct hone_evidence ended(uint32_t verdict) {
    struct hone_evidence evidence = passed(2, 0.8);
    evidence.verdict = verdict;
    return evidence;
}

static double with(const char *name, const char *first, const char *second,
                   struct hone_evidence evidence) {
    struct reward reward = reward_make(name, first, second);
    double value = value_of(&reward, &evidence);
    reward_drop(&reward);
    return value;
}

/* The default sum, weights as etc/hone.ini has them. */
static double default_reward(struct hone_evidence evidence) {
    static const char *const names[] = {"correctness", "speedup", "profiling"};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += 0.5 * with(names[i], NULL, NULL, evidence);
    return sum;
}

Test(rewards, add_up_to_dr_kernels_golden_values) {
    static const struct {
        double speedup, coverage, reward;
    } golden[] = {
        {1, 1, 1.5}, {2, 0.8, 1.9},      {3, 1, 2.5},        {10, 1, 2.5},       {0.5, 1, 1.25},
        {0, 0, 0.5}, {1.5, 0.25, 1.375}, {2.999, 0, 1.9995}, {3.001, 0.5, 2.25},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        cr_expect(epsilon_eq(dbl, default_reward(passed(golden[i].speedup, golden[i].coverage)),
                             golden[i].reward, 1e-12),
                  "S = %g, P = %g", golden[i].speedup, golden[i].coverage);
}

Test(rewards, are_zero_on_every_failure) {
    for (uint32_t verdict = HONE_PARTIAL; verdict < HONE_INFRA_FAILED; verdict++)
        cr_expect(eq(dbl, default_reward(ended(verdict)), 0), "verdict %u", verdict);
}

Test(rewards, stay_within_nothing_and_two_and_a_half) {
    uint32_t state = 7;
    for (int i = 0; i < 200; i++) {
        state = state * 1664525u + 1013904223u;
        double speedup = ldexp(1, (int)(state >> 8) % 40 - 20);
        double coverage = (state >> 16) / 65536.0;
        double reward = default_reward(passed(speedup, coverage));
        cr_assert(le(dbl, 0.5, reward));
        cr_assert(le(dbl, reward, 2.5));
    }
}

Test(rewards, never_fall_when_a_kernel_gets_faster) {
    static const char *const scales[] = {"linear", "log2", "tiers"};
    for (int i = 0; i < 3; i++) {
        char option[64];
        double before = -1;
        snprintf(option, sizeof option, "reward.speedup.scale=%s", scales[i]);
        struct reward reward = reward_make("speedup", option, NULL);
        for (double speedup = 0; speedup < 6; speedup += 0.01) {
            struct hone_evidence evidence = passed(speedup, 1);
            double value = value_of(&reward, &evidence);
            cr_assert(le(dbl, before, value), "%s at %g", scales[i], speedup);
            before = value;
        }
        reward_drop(&reward);
    }
}

Test(rewards, climb_a_ladder_of_your_choosing) {
    const char *ladder = "reward.correctness.ladder=-1 -0.5 -0.25 2";
    static const struct {
        uint32_t verdict;
        double level;
    } levels[] = {
        {HONE_PASSED, 2},
        {HONE_WRONG, -0.25},
        {HONE_CRASHED, -0.5},
        {HONE_TIMED_OUT, -0.5},
        {HONE_COMPILE_FAILED, -1},
        {HONE_REJECTED, -1},
        {HONE_POLICY_VIOLATION, -1},
        {HONE_HACKED, -1},
        {HONE_PARTIAL, -0.5},
    };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        cr_expect(
            eq(dbl, with("correctness", ladder, NULL, ended(levels[i].verdict)), levels[i].level),
            "verdict %u", levels[i].verdict);
}

Test(rewards, never_pay_for_cheating_or_for_stopping_early) {
    const char *ladder = "reward.correctness.ladder=0.1 0.2 0.3 1";
    cr_expect(eq(dbl, with("correctness", ladder, NULL, ended(HONE_HACKED)), 0));
    cr_expect(eq(dbl, with("correctness", ladder, NULL, ended(HONE_POLICY_VIOLATION)), 0));
    cr_expect(eq(dbl, with("correctness", ladder, NULL, ended(HONE_PARTIAL)), 0));
    cr_expect(eq(dbl, with("correctness", ladder, NULL, ended(HONE_COMPILE_FAILED)), 0.1));
    /* Nor is it a way around the lower of the levels that going on might have led to. */
    static const char *const ladders[] = {"reward.correctness.ladder=0 -2 -1 1",
                                          "reward.correctness.ladder=0 -1 -2 1"};
    for (int i = 0; i < 2; i++)
        cr_expect(eq(dbl, with("correctness", ladders[i], NULL, ended(HONE_PARTIAL)), -2));
}

/* Equations 1 and 8 of Dr.Kernel's paper, C + C min(S, 3) + C P: twice what its code computes. */
Test(rewards, add_up_to_the_papers_formula_with_weights_of_one) {
    static const double speedups[] = {0, 0.5, 1, 2.999, 3, 7}, coverages[] = {0, 0.3, 1};
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++) {
            const double paper = 1 + fmin(speedups[i], 3) + coverages[k];
            cr_expect(epsilon_eq(dbl, 2 * default_reward(passed(speedups[i], coverages[k])), paper,
                                 1e-12),
                      "S = %g, P = %g", speedups[i], coverages[k]);
        }
}

Test(rewards, refuse_a_ladder_that_is_not_four_numbers) {
    static const char *const bad[] = {
        "reward.correctness.ladder=0 0 1", "reward.correctness.ladder=0 0 0 1 2",
        "reward.correctness.ladder=a b c d", "reward.correctness.ladder=0 0 0 inf",
        "reward.correctness.ladder="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hone_settings *settings;
        struct hone_instance instance;
        const char *const overrides[] = {bad[i], NULL};
        cr_assert(eq(int, hone_settings_open(NULL, overrides, &settings, &error), 0));
        cr_expect(eq(int,
                     hone_instance_create(settings, "correctness", HONE_REWARD, NULL, NULL,
                                          &instance, &error),
                     -EREMOTEIO),
                  "%s", bad[i]);
        cr_expect(ne(ptr, strstr(error.text, "four numbers"), NULL), "%s", error.text);
        hone_settings_close(settings);
    }
}

Test(rewards, scale_the_speedup_three_ways) {
    const char *log2_scale = "reward.speedup.scale=log2", *tiers = "reward.speedup.scale=tiers";
    cr_expect(eq(dbl, with("speedup", log2_scale, NULL, passed(4, 1)), 2));
    cr_expect(eq(dbl, with("speedup", log2_scale, NULL, passed(0.25, 1)), 0));
    cr_expect(eq(dbl, with("speedup", log2_scale, "reward.speedup.low=-3", passed(0.25, 1)), -2));
    cr_expect(eq(dbl, with("speedup", log2_scale, NULL, passed(0, 1)), 0));
    static const struct {
        double speedup, value;
    } tier[] = {{3, 1},      {2.99, 0.8}, {2, 0.8},    {1.99, 0.6}, {1.5, 0.6},
                {1.49, 0.4}, {1.2, 0.4},  {1.19, 0.2}, {1, 0.2},    {0.99, 0}};
    for (size_t i = 0; i < sizeof tier / sizeof *tier; i++)
        cr_expect(eq(dbl, with("speedup", tiers, NULL, passed(tier[i].speedup, 1)), tier[i].value),
                  "S = %g", tier[i].speedup);
}

Test(rewards, use_the_low_end_of_the_interval_when_told_to) {
    cr_expect(
        epsilon_eq(dbl, with("speedup", "reward.speedup.use=low", NULL, passed(2, 1)), 1.8, 1e-12));
}

Test(rewards, refuse_bounds_the_wrong_way_round) {
    struct hone_settings *settings;
    struct hone_instance instance;
    const char *const overrides[] = {"reward.speedup.low=4", NULL};
    cr_assert(eq(int, hone_settings_open(NULL, overrides, &settings, &error), 0));
    cr_expect(eq(
        int, hone_instance_create(settings, "speedup", HONE_REWARD, NULL, NULL, &instance, &error),
        -EREMOTEIO));
    cr_expect(ne(ptr, strstr(error.text, "low 4 is above high 3"), NULL), "%s", error.text);
    hone_settings_close(settings);
}

Test(rewards, fail_rather_than_guess_what_was_not_measured) {
    double value;
    struct reward speedup = reward_make("speedup", NULL, NULL),
                  profiling = reward_make("profiling", NULL, NULL);
    struct hone_evidence evidence = passed(2, 0.8);
    evidence.valid = 0;
    cr_expect(eq(int, score(&speedup, &evidence, &value), -ENODATA));
    cr_expect(eq(int, score(&profiling, &evidence, &value), -ENODATA));
    evidence = passed((double)INFINITY, 1); /* nothing is worth the most there is */
    cr_expect(eq(int, score(&speedup, &evidence, &value), -ENODATA));
    evidence = passed(-1, 1);
    cr_expect(eq(int, score(&speedup, &evidence, &value), -ENODATA));
    evidence = passed((double)NAN, (double)NAN);
    cr_expect(eq(int, score(&speedup, &evidence, &value), -ENODATA));
    cr_expect(eq(int, score(&profiling, &evidence, &value), -ENODATA));
    reward_drop(&speedup);
    reward_drop(&profiling);
}

Test(rewards, know_that_without_operators_all_the_work_is_ones_own) {
    struct hone_evidence evidence = passed(2, (double)NAN);
    evidence.valid = HONE_HAS_SPEEDUP;
    evidence.op_steps = 0;
    cr_expect(eq(dbl, with("profiling", NULL, NULL, evidence), 1));
}

Test(rewards, bound_coverage_to_nothing_and_all) {
    cr_expect(eq(dbl, with("profiling", NULL, NULL, passed(1, 1.25)), 1));
    cr_expect(eq(dbl, with("profiling", NULL, NULL, passed(1, -0.25)), 0));
}

Test(rewards, give_the_same_bits_for_the_same_evidence) {
    struct reward reward = reward_make("speedup", "reward.speedup.scale=log2", NULL);
    struct hone_evidence evidence = passed(1.7, 0.3);
    double first = value_of(&reward, &evidence), second = value_of(&reward, &evidence);
    cr_expect(eq(int, memcmp(&first, &second, sizeof first), 0));
    reward_drop(&reward);
}
