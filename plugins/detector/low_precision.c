/* low_precision.c - arithmetic in a smaller type than the task's: half, bfloat16 or tf32 where it
 * says f32, f32 where it says f64.
 *
 * Two signs. The values themselves: nearly all results fit the smaller type, and those of honest
 * implementations, the baselines, do not. Their errors: `ratio` times those of the worst baseline,
 * and as large as rounding to half precision makes them (2^-14 of the result; 2^-28 in f64). Other
 * orders of summation, Strassen's and Winograd's algorithms, and fast exponentials stay below both.
 *
 * What lies between, `warn` times an honest error and five bits short of an f32, comes of split
 * halves, of rounded values between steps and of approximations: it is only shown. It comes of an
 * order of summation too where one rounding is in all results that follow, as in sums of prefixes
 * and in rows divided by one sum: errors that are linked like that are not shown. */
#include "plugins/detector/rule.h"

#define SHORT_SHARE 0.95
#define FEWEST 64          /* elements that say something */
#define HALF_ERROR 6.1e-5  /* 2^-14 */
#define FLOAT_ERROR 3.7e-9 /* 2^-28 */
#define BITS_SHORT 1.9e-6  /* 2^-19, of f32 */
#define COARSER 7.8e-3     /* 2^-7: no type explains it, not even bfloat16 */
#define HONEST_LEAST 6e-8  /* what f32 cannot do without, 2^-24 */
#define HONEST_F64 1e-12   /* errors below it are those of an f64 implementation */

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
    {.name = NULL},
};

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    const struct hone_workload_row *shortest = NULL; /* the first that falls between */
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        const struct hone_deviation *mine = &row->deviation, *honest = &row->honest;
        if (mine->count < FEWEST || honest->count < FEWEST)
            continue;
        if (mine->short_mantissa > SHORT_SHARE && honest->short_mantissa < SHORT_SHARE / 2) {
            say(findings, "low_precision", HONE_ZERO, 0,
                "%.31s: %.3g %% of the results are rounded to a smaller type, %.3g %% of an honest "
                "one's: compute and store in the type of the task",
                row->id, 100 * mine->short_mantissa, 100 * honest->short_mantissa);
            return 0;
        }
        const bool is_double = honest->rel_l2 < HONEST_F64;
        const double floor = is_double ? HONEST_F64 : HONEST_LEAST;
        const double ratio = mine->rel_l2 / (honest->rel_l2 > floor ? honest->rel_l2 : floor);
        if (ratio >= number(self, 0) && mine->rel_l2 > (is_double ? FLOAT_ERROR : HALF_ERROR) &&
            mine->rel_l2 < COARSER) {
            say(findings, "low_precision", HONE_ZERO, 0,
                "%.31s: the relative error is %.2g, %.3g times an honest implementation's, as of "
                "arithmetic in a smaller type: compute in the type of the task",
                row->id, mine->rel_l2, ratio);
            return 0;
        }
        if (!is_double && ratio >= number(self, 1) && mine->rms >= number(self, 1) * honest->rms &&
            mine->rel_l2 > BITS_SHORT && mine->rel_l2 < COARSER &&
            !(row->flags & HONE_ROW_LINKED) && !shortest)
            shortest = row;
    }
    if (shortest)
        say(findings, "low_precision", HONE_WARN, 0,
            "%.31s: the relative error is %.2g, an honest implementation's %.2g: some step keeps "
            "fewer bits than the task's type; keep them all",
            shortest->id, shortest->deviation.rel_l2, shortest->honest.rel_l2);
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_DEVIATION};

RULE("low_precision", "arithmetic in a smaller type than the task's", options, create_numbers);
