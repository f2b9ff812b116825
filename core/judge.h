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
 *
 * Of a sampled output these hold for the sampled elements; every element must be finite, written,
 * and fit its fibre's sums. Its poison says nothing of the truth at any place, so it is not drawn
 * again, and a right element may be its poison by chance: so many may be before it is unwritten.
 * Single ones are found where the poison is not a number, and by sums.
 */
#ifndef HONE_CORE_JUDGE_H
#define HONE_CORE_JUDGE_H

#include "core/measure.h"
#include "plugins/material.h"

/* The truth of an output that is too big for all of it (core/sample.h). */
#define HONE_SUMS 2 /* with signs drawn apart, of every fibre */
struct hone_judged_sample {
    int64_t count;     /* of values in `wanted` */
    const int64_t *at; /* where they stand, ascending */
    const uint8_t
        *signs;         /* for each index along a fibre: bit v set is -1 in sum v; NULL: no sums */
    const double *sums; /* fibre * HONE_SUMS + v */
    int64_t outer, length,
        inner; /* element (o, j, i), fibre o * inner + i; without sums 1, all, 1 */
};

/* What a device has seen of an output that it keeps. */
struct hone_sight {
    const void *elements; /* the sampled ones, next to each other */
    const double *sums;   /* of every fibre: HONE_SUMS, and that of the squares */
    struct hone_seen seen;
};

/* One output of one call. `got` holds `count` elements of `dtype`; `wanted` the oracle's, as f64.
 */
struct hone_judged_output {
    enum hone_dtype dtype;
    int64_t count;
    void *got;
    const double *wanted;
    double mean, rms;                        /* of wanted; hone_judge_moments() */
    struct hone_limits limits;               /* a NaN rel_l2 is no limit */
    const struct hone_judged_sample *sample; /* NULL: `wanted` holds every element */
    const struct hone_sight *sight; /* of a sample: in place of what `got` holds; or NULL */
    bool exact;
    bool
        unpoisoned; /* an inout argument: it held an input, so no element can be called unwritten */
};

/* Of the finite values; 0 and 0 when there is none. */
void hone_judge_moments(const double *wanted, int64_t count, double *mean, double *rms);

#define HONE_POISON_PATTERNS 3
#define HONE_POISON_WILD 2u /* of each three: NaN and infinities */

/* Fill `got` with poison: a pure function of seed and pattern, but for the elements drawn again. */
void hone_judge_poison(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern);

/* The same as a rule, for whoever has the memory elsewhere: of a sampled output, which is poisoned
 * without a look at what is wanted. */
struct hone_material hone_judge_material(const struct hone_judged_output *output, uint64_t seed,
                                         uint32_t pattern);

struct hone_judgement {
    uint32_t reason; /* HONE_REASON_NONE: right; else values, non_finite or unwritten */
    uint32_t facts;
    double max_error, rel_l2; /* infinite when something is not finite that should be */
    int64_t wrong_count;      /* 0 with a reason: only the relative l2 error is too large */
    int64_t unwritten_count;  /* of the wrong ones: those that still hold their poison */
    int64_t first_wrong;      /* flat index; with wrong_count 0 -1 */
    double first_got, first_wanted;
    int64_t wrong_sums,
        first_wrong_sum; /* of a sample: fibres, and the first one's first element */
};

/* The sums of a stretch. Along one fibre: into element 0 of each; across fibres, at one index with
 * one sign: into as many. Squares are summed without signs. */
#define HONE_SUMS_STRETCH 512
void hone_sums_along(const double *values, const uint8_t *signs, uint32_t count,
                     double sums[HONE_SUMS][HONE_SUMS_STRETCH], double *squares);
void hone_sums_across(const double *values, uint8_t sign, uint32_t count,
                      double sums[HONE_SUMS][HONE_SUMS_STRETCH], double *squares);

/* The part of hone_judge() that a sample adds: what may be wrong beside the sampled elements. */
void hone_judge_everywhere(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                           struct hone_judgement *judgement);

/* At most HONE_POISON_STRETCH elements from `first` on as a sampled output is poisoned. */
#define HONE_POISON_STRETCH 256
void hone_judge_poison_stretch(const struct hone_judged_output *output, uint64_t seed,
                               uint32_t pattern, int64_t first, uint32_t count, void *to);

/* Compare, in one pass; `seed` and `pattern` are the poison's, so that an element still holding its
 * poison is told from one that is merely wrong. */
void hone_judge(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                struct hone_judgement *judgement);

/* How many elements the truth is known of, and what was got for some of them, at most
 * HONE_SUMS_STRETCH: `wanted` has as many. */
int64_t hone_judge_known(const struct hone_judged_output *output);
void hone_judge_read(const struct hone_judged_output *output, int64_t first, uint32_t count,
                     double *got);

/* Whether one value is right. */
bool hone_judge_right(const struct hone_judged_output *output, double got, double wanted);

/* The same for scratch memory, which is never judged: NaNs and infinities with every third pattern,
 * else numbers around 0. */
void hone_scratch_poison(enum hone_dtype dtype, int64_t count, void *to, uint64_t seed,
                         uint32_t pattern);

struct hone_material hone_scratch_material(enum hone_dtype dtype, int64_t count, uint64_t seed,
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
