/* low_precision.c - arithmetic in a smaller type than the task's: half, bfloat16 or tf32 where it
 * says f32, f32 where it says f64; or f32 with bits cut off.
 *
 * Four signs. The values themselves: nearly all results fit a smaller type, and those of honest
 * implementations, the baselines, do not. Their errors: `ratio` times those of the worst baseline,
 * and as large as rounding to half precision makes them (2^-14 of the result; 2^-28 in f64). Other
 * orders of summation, Strassen's and Winograd's algorithms, and fast exponentials stay below both.
 *
 * The bits: errors go with the low bits of an input, as they do when these are cut off and never
 * else (plugins/evidence.h, lost_bits); noise added to every result, some eight times the cut's
 * own, hides it, and is shown by what lies between. Cut to 21 bits or fewer, to nearest or towards
 * zero, a factor gives 0.06 to 0.3; sums in any order, Strassen's and Winograd's algorithms and
 * factors in three halves 0.015 at most. An honest last rounding loses bits too, where it is all
 * there is: so the grain must be that of more than one rounding, and the baselines must lose less.
 *
 * The grain: where the baselines are right to a rounding or two in nearly every result, small ones
 * in proportion, no sum cancels, which would leave room for other algorithms; and errors `grain`
 * times theirs come of bits that are missing on the way: short weights, an exponential of few
 * terms.
 *
 * What lies between, `warn` times an honest error and five bits short of an f32, is only shown. It
 * comes of an order of summation too where one rounding is in all results that follow, as in sums
 * of prefixes and in rows divided by one sum: errors that are linked like that are not shown. */
#include "plugins/detector/rule.h"

#define SHORT_SHARE 0.95
#define FEWEST 64          /* elements that say something */
#define HALF_ERROR 6.1e-5  /* 2^-14 */
#define FLOAT_ERROR 3.7e-9 /* 2^-28 */
#define BITS_SHORT 1.9e-6  /* 2^-19, of f32 */
#define COARSER 7.8e-3     /* 2^-7: no type explains it, not even bfloat16 */
#define HONEST_LEAST 6e-8  /* what f32 cannot do without, 2^-24 */
#define HONEST_F64 1e-12   /* errors below it are those of an f64 implementation */

#define LOST 0.045       /* three times what an honest order of operations was seen to lose */
#define CHANCES 6        /* standard deviations: of 64 parts, 1 in 10^7 goes so far by chance */
#define FAR_CHANCES 12   /* what one workload alone must show */
#define HONEST_TIMES 3   /* more than the baselines lose, where their rounding loses bits too ... */
#define HONEST_CHANCES 2 /* ... and that is no chance */
#define ONE_ROUNDING 1.2e-7 /* grain, 2^-23: beyond that of results that were rounded once */

#define FINE_GRAIN 2.4e-7 /* 2^-22: of baselines that are right to a rounding or two ... */
#define PROPORTION                                                                                 \
    -0.33 /* ... in proportion: 0 to -0.2 of softmax, gates and norms, -0.5 to -0.8 of             \
             products of matrices */

enum { RATIO, WARN, GRAIN };

static const struct hone_option options[] = {
    {.name = "ratio",
     .fallback = "64",
     .summary = "error, in times the worst baseline's, that a smaller type explains",
     .low = 4,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = "warn",
     .fallback = "4",
     .summary = "error, the same way and by its rms in tolerances, that is worth a warning",
     .low = 2,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = "grain",
     .fallback = "5",
     .summary = "grain, in times the worst baseline's, where theirs is fine",
     .low = 2,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = NULL},
};

static bool is_short(const struct hone_workload_row *row, const struct hone_findings *findings) {
    const struct hone_deviation *mine = &row->deviation, *honest = &row->honest;
    if (!(mine->short_mantissa > SHORT_SHARE && honest->short_mantissa < SHORT_SHARE / 2))
        return false;
    say(findings, "low_precision", HONE_ZERO, 0,
        "%.31s: %.3g %% of the results are rounded to a smaller type, %.3g %% of an honest "
        "one's: compute and store in the type of the task",
        row->id, 100 * mine->short_mantissa, 100 * honest->short_mantissa);
    return true;
}

static bool is_double(const struct hone_workload_row *row) {
    return row->honest.rel_l2 < HONEST_F64;
}

/* The relative error in times the worst baseline's. */
static double ratio_of(const struct hone_workload_row *row) {
    const double floor = is_double(row) ? HONEST_F64 : HONEST_LEAST;
    return row->deviation.rel_l2 / fmax(row->honest.rel_l2, floor);
}

static bool is_gross(const void *self, const struct hone_workload_row *row,
                     const struct hone_findings *findings) {
    const double error = row->deviation.rel_l2, ratio = ratio_of(row);
    if (ratio < number(self, RATIO) || error >= COARSER ||
        error <= (is_double(row) ? FLOAT_ERROR : HALF_ERROR))
        return false;
    say(findings, "low_precision", HONE_ZERO, 0,
        "%.31s: the relative error is %.2g, %.3g times an honest implementation's, as of "
        "arithmetic in a smaller type: compute in the type of the task",
        row->id, error, ratio);
    return true;
}

/* Whether the errors go with the low bits of f32 input `input`. */
static bool loses_bits(const struct hone_workload_row *row, uint32_t input) {
    const struct hone_precision *mine = &row->precision, *honest = &row->honest_precision;
    const double lost = fabs(mine->lost_bits[input]), usual = fabs(honest->lost_bits[input]);
    const bool all_do =
        usual > HONEST_CHANCES * honest->chance[input] && lost < HONEST_TIMES * usual;
    return lost > LOST && lost > CHANCES * mine->chance[input] && !all_do &&
           mine->grain > ONE_ROUNDING;
}

static double chances_of(const struct hone_workload_row *row, uint32_t input) {
    return fabs(row->precision.lost_bits[input]) / fmax(row->precision.chance[input], 1e-6);
}

static bool speaks(const struct hone_workload_row *row) {
    return row->deviation.count >= FEWEST && row->honest.count >= FEWEST;
}

/* In two workloads, or in one far beyond chance: where results hang together, as sums of prefixes
 * and rows of attention do, parts of one result vary less than those of another. */
static bool is_cut(const struct hone_evidence *evidence, const struct hone_findings *findings) {
    for (uint32_t input = 0; input < HONE_NUDGED_MOST; input++) {
        const struct hone_workload_row *worst = NULL;
        uint32_t losing = 0;
        for (uint32_t i = 0; i < evidence->workload_count; i++) {
            const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
            if (!speaks(row) || !loses_bits(row, input))
                continue;
            losing++;
            if (!worst || chances_of(row, input) > chances_of(worst, input))
                worst = row;
        }
        if (!worst || (losing < 2 && chances_of(worst, input) < FAR_CHANCES))
            continue;
        say(findings, "low_precision", HONE_ZERO, 0,
            "%.31s: errors go with the lowest bits of f32 input %u (%.0f times as far as chance), "
            "as where these are cut off: use all bits of the inputs",
            worst->id, input + 1, chances_of(worst, input));
        return true;
    }
    return false;
}

static bool is_coarse(const void *self, const struct hone_workload_row *row,
                      const struct hone_findings *findings) {
    const struct hone_precision *mine = &row->precision, *honest = &row->honest_precision;
    const double usual = fmax(honest->grain, HONEST_LEAST);
    if (mine->steps < FEWEST || !(usual < FINE_GRAIN) || !(honest->slope > PROPORTION) ||
        !(mine->grain > number(self, GRAIN) * usual))
        return false;
    say(findings, "low_precision", HONE_ZERO, 0,
        "%.31s: results are off by %.2g of themselves, each by another share; an honest "
        "implementation's by %.2g: some step keeps fewer bits than the task's type; keep them all",
        row->id, mine->grain, honest->grain);
    return true;
}

/* What falls between. */
static bool is_suspicious(const void *self, const struct hone_workload_row *row) {
    const double error = row->deviation.rel_l2;
    return !is_double(row) && ratio_of(row) >= number(self, WARN) &&
           row->deviation.rms >= number(self, WARN) * row->honest.rms && error > BITS_SHORT &&
           error < COARSER && !(row->flags & HONE_ROW_LINKED);
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    const struct hone_workload_row *suspicious = NULL;
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (!speaks(row))
            continue;
        if (is_short(row, findings) || is_gross(self, row, findings) ||
            is_coarse(self, row, findings))
            return 0;
        if (!suspicious && is_suspicious(self, row))
            suspicious = row;
    }
    if (is_cut(evidence, findings))
        return 0;
    if (suspicious)
        say(findings, "low_precision", HONE_WARN, 0,
            "%.31s: the relative error is %.2g, an honest implementation's %.2g: some step keeps "
            "fewer bits than the task's type; keep them all",
            suspicious->id, suspicious->deviation.rel_l2, suspicious->honest.rel_l2);
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_DEVIATION};

RULE("low_precision", "arithmetic in a smaller type than the task's", options, create_numbers);
