/* judge.h - poison outputs, and say whether what a call wrote is right (design "Judging").
 *
 * Pure functions over memory; any thread. Poison is drawn from its own secret stream with the wanted
 * output's mean and rms, never from its values; an element that would lie within tolerance is drawn
 * again; every third pattern is NaN and infinities. Integer outputs get random integers of the wanted range.
 */
#ifndef HONE_CORE_JUDGE_H
#define HONE_CORE_JUDGE_H

#include "core/measure.h"

/* One output of one call. `got` holds `count` elements of `dtype`; `wanted` the oracle's, as f64. */
struct hone_judged_output {
    enum hone_dtype dtype;
    int64_t count;
    void *got;
    const double *wanted;
    double mean, rms; /* of wanted; hone_judge_moments() */
    struct hone_limits limits;
    bool exact;
};

void hone_judge_moments(const double *wanted, int64_t count, double *mean, double *rms);

/* Fill `got` with poison: a pure function of seed and pattern. */
void hone_judge_poison(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern);

struct hone_judgement {
    uint32_t reason; /* HONE_REASON_NONE: right; else values, non_finite or unwritten */
    uint32_t facts;
    double max_error, rel_l2;
    int64_t wrong_count, first_wrong; /* flat index */
    double first_got, first_wanted;
};

/* Compare, in one pass; `seed` and `pattern` are the poison's, so that an element still holding its
 * poison is told from one that is merely wrong. */
void hone_judge(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                struct hone_judgement *judgement);

/* Guard bands: fill with a pattern of `seed`, and check it. */
void hone_guard_fill(void *band, uint64_t bytes, uint64_t seed);
bool hone_guard_intact(const void *band, uint64_t bytes, uint64_t seed);

#endif
