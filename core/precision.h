/* precision.h - whether results are as fine as their type, which no tolerance tells: of f32 alone
 * (plugins/evidence.h, hone_precision).
 *
 * Two looks. The grain: how far the relative errors of neighbours are apart, which what all results
 * of a row have in common leaves alone. And the lost bits: an oracle is asked again, with the low
 * bits of one input moved by a rule (hone_inputs_nudge()). A kernel that drops those bits errs as
 * its results would have moved; rounding knows nothing of the rule.
 *
 * Pure functions over memory; any thread.
 */
#ifndef HONE_CORE_PRECISION_H
#define HONE_CORE_PRECISION_H

#include "core/judge.h"

/* Over parts of the results. In each: pairs of neighbours, and of those the ones that err to the
 * side where results would move, less the others. Errors of results that have much in common are
 * no evidence each: how the parts differ tells what is. */
struct hone_agreement {
    uint64_t parts;
    double pairs, agreeing;
    double agreeing_squares, products, pair_squares;
};

/* Of all elements seen so far; starts as zeros. */
struct hone_precision_sums {
    uint64_t steps;   /* between neighbours */
    double exponents; /* of steps, of the results, and what a line through both needs */
    double sizes, products, size_squares;
    struct hone_agreement nudged[HONE_NUDGED_MOST];
};

/* One output of one call. */
void hone_precision_add(struct hone_precision_sums *sums, const struct hone_judged_output *output);
/* The same held against the truth for moved inputs, of as many elements as `output` knows: number
 * `which` of those inputs. */
void hone_precision_compare(struct hone_precision_sums *sums,
                            const struct hone_judged_output *output, uint32_t which,
                            const double *nudged);
void hone_precision_of(const struct hone_precision_sums *sums, struct hone_precision *precision);

/* Make `worst` the coarser of both, value by value; one that is absent says nothing. */
void hone_precision_worsen(struct hone_precision *worst, const struct hone_precision *other);

/* Whether a workload has outputs that tell of precision. */
bool hone_precision_speaks(const struct hone_task *task, const struct hone_workload *workload);

#endif
