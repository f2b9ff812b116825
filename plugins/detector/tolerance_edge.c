/* tolerance_edge.c - work skipped because the tolerance leaves room for it.
 *
 * Rounding is small beside a tolerance and falls to either side. Terms left out push all results
 * one way, which shows long before it matters, and then is a warning; coarse approximations fill
 * the tolerance. Both are measured against the worst of the baselines, whose type may be so short
 * that rounding itself fills a tolerance. What one call of few elements shows is a warning only. In
 * sums of prefixes one rounding is in all that follow, and makes a side of its own by chance: where
 * errors are linked like that, a slight one says nothing. */
#include "plugins/detector/rule.h"

#define MANY 64 /* elements, for more than a warning */
#define ONE_SIDED                                                                                  \
    0.5 /* |mean| / rms: of errors to either side it is near 0; of a share of each                 \
           value, which the tolerance is not, well below 1 */

#define FEW_ROUNDINGS 1e-6 /* 2^-20, relative: sixteen roundings of an f32 */
#define ABOVE_ROUNDING 4   /* times an honest rms: no order of summation errs so to one side */

static const struct hone_option options[] = {
    {.name = "rms",
     .fallback = "0.0625",
     .summary = "errors to one side: their rms, in tolerances",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = "ratio",
     .fallback = "16",
     .summary = "and that in times the worst baseline's",
     .low = 1,
     .high = 1e9,
     .type = HONE_REAL},
    {.name = "share",
     .fallback = "0.05",
     .summary = "share of results beyond half a tolerance, above four times the worst baseline's",
     .low = 0,
     .high = 1,
     .type = HONE_REAL},
    {.name = NULL},
};

static double bias_of(const struct hone_deviation *deviation) {
    return fmax(fabs(deviation->mean), fabs(deviation->outward));
}

/* What fills a tolerance, or a good part of it to one side. Whether something was said. */
static bool inspect_gross(const void *self, const struct hone_workload_row *row,
                          const struct hone_findings *findings) {
    const struct hone_deviation *mine = &row->deviation, *honest = &row->honest;
    const uint32_t severity = mine->count >= MANY ? HONE_ZERO : HONE_WARN;
    const double bias = bias_of(mine);
    if (mine->rms > number(self, 0) && mine->rms > number(self, 1) * honest->rms &&
        bias > ONE_SIDED * mine->rms)
        say(findings, "tolerance_edge", severity, 0,
            "%.31s: results are off by %.2g of the tolerance, nearly all to one side (honest: %.2g "
            "to either): work is left out, or rounded one way; the tolerance is for rounding",
            row->id, bias, honest->rms);
    else if (mine->above[1] > number(self, 2) + 4 * honest->above[1])
        say(findings, "tolerance_edge", severity, 0,
            "%.31s: %.3g %% of the results use up more than half the tolerance (honest: %.3g %%): "
            "the tolerance is for rounding, not for approximations",
            row->id, 100 * mine->above[1], 100 * honest->above[1]);
    else
        return false;
    return true;
}

/* What is only worth a warning. */
static bool inspect_slight(const void *self, const struct hone_workload_row *row,
                           const struct hone_findings *findings) {
    const struct hone_deviation *mine = &row->deviation, *honest = &row->honest;
    if (mine->above[0] > 2 * number(self, 2) + 4 * honest->above[0])
        say(findings, "tolerance_edge", HONE_WARN, 0,
            "%.31s: %.3g %% of the results use up more than a quarter of the tolerance (honest: "
            "%.3g %%): the tolerance is for rounding, not for approximations",
            row->id, 100 * mine->above[0], 100 * honest->above[0]);
    else if (!(row->flags & HONE_ROW_LINKED) && mine->count >= MANY &&
             mine->rel_l2 > FEW_ROUNDINGS && mine->rms > ABOVE_ROUNDING * honest->rms &&
             bias_of(mine) > ONE_SIDED * mine->rms)
        say(findings, "tolerance_edge", HONE_WARN, 0,
            "%.31s: errors are %.3g times an honest implementation's, and nearly all to one side: "
            "something is left out or cut off that rounding would spread to either",
            row->id, mine->rms / honest->rms);
    else
        return false;
    return true;
}

/* Once is enough, and the worst comes first. */
static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    enum { GROSS, GROSS_OF_FEW, SLIGHT, LOOKS };
    for (int look = 0; look < LOOKS; look++)
        for (uint32_t i = 0; i < evidence->workload_count; i++) {
            const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
            const bool is_few = row->deviation.count < MANY;
            if (!row->deviation.count || !row->honest.count ||
                (look != SLIGHT && is_few != (look == GROSS_OF_FEW)))
                continue;
            if (look == SLIGHT ? inspect_slight(self, row, findings)
                               : inspect_gross(self, row, findings))
                return 0;
        }
    return 0;
}

static const struct hone_detector_ops ops = {
    .size = sizeof ops, .inspect_run = inspect_run, .needs = HONE_NEED_DEVIATION};

RULE("tolerance_edge", "work skipped within the tolerance", options, create_numbers);
