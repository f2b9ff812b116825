/* judge.h - poison outputs, and say whether what a call wrote is right (design "Judging").
 *
 * Pure functions over memory; any thread. Poison is drawn from its own secret stream with the
 * wanted output's mean and rms, never from its values; an element that would lie within tolerance
 * is drawn again; every third pattern is NaN and infinities. Integer outputs get random integers
 * around the wanted ones, from a range so wide that not being right says nothing; bools get 2 to
 * 255, which no right output holds.
 *
 * Right: |got - wanted| <= atol + rtol |wanted| for every element, the relative l2 error of 16 or
 * more elements within its limit, and where the wanted value is not finite, the same kind of value.
 * Exact outputs and integers: equal once the wanted value is rounded to the dtype; 0.0 and -0.0 are
 * equal.
 */
#ifndef HONE_CORE_JUDGE_H
#define HONE_CORE_JUDGE_H

#include "core/measure.h"

/* One output of one call. `got` holds `count` elements of `dtype`; `wanted` the oracle's, as f64.
 */
struct hone_judged_output {
    enum hone_dtype dtype;
    int64_t count;
    void *got;
    const double *wanted;
    double mean, rms;          /* of wanted; hone_judge_moments() */
    struct hone_limits limits; /* a NaN rel_l2 is no limit */
    bool exact;
    bool
        unpoisoned; /* an inout argument: it held an input, so no element can be called unwritten */
};

/* Of the finite values; 0 and 0 when there is none. */
void hone_judge_moments(const double *wanted, int64_t count, double *mean, double *rms);

/* Fill `got` with poison: a pure function of seed and pattern, but for the elements drawn again. */
void hone_judge_poison(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern);

struct hone_judgement {
    uint32_t reason; /* HONE_REASON_NONE: right; else values, non_finite or unwritten */
    uint32_t facts;
    double max_error, rel_l2; /* infinite when something is not finite that should be */
    int64_t wrong_count;      /* 0 with a reason: only the relative l2 error is too large */
    int64_t unwritten_count;  /* of the wrong ones: those that still hold their poison */
    int64_t first_wrong;      /* flat index; with wrong_count 0 -1 */
    double first_got, first_wanted;
};

/* Compare, in one pass; `seed` and `pattern` are the poison's, so that an element still holding its
 * poison is told from one that is merely wrong. */
void hone_judge(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                struct hone_judgement *judgement);

/* Whether one value is right. */
bool hone_judge_right(const struct hone_judged_output *output, double got, double wanted);

/* The same for scratch memory, which is never judged: NaNs and infinities with every third pattern,
 * else numbers around 0. */
void hone_scratch_poison(enum hone_dtype dtype, int64_t count, void *to, uint64_t seed,
                         uint32_t pattern);

/* The poison of one element as poisoning wrote it, hone_dtype_bytes() of them. False where it could
 * be a wrong value as well: an infinity. */
bool hone_judge_poison_of(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                          int64_t index, void *bytes);

/* Guard bands: fill with a pattern of `seed`, and check it. */
void hone_guard_fill(void *band, uint64_t bytes, uint64_t seed);
bool hone_guard_intact(const void *band, uint64_t bytes, uint64_t seed);

/* How many bytes differ, and the first and last of them. */
uint64_t hone_guard_changed(const void *band, uint64_t bytes, uint64_t seed, uint64_t *first,
                            uint64_t *last);

#endif
