/* deviation.h - how the errors of a result are distributed, not only how large they are: what is
 * right by every tolerance may still be half an answer (plugins/evidence.h, hone_deviation).
 *
 * Pure functions over memory; any thread.
 */
#ifndef HONE_CORE_DEVIATION_H
#define HONE_CORE_DEVIATION_H

#include "core/judge.h"

/* Of all elements seen so far; starts as zeros. */
struct hone_deviation_sums {
    uint64_t count, nonzero, short_count, above[3];
    double errors, outward, squares; /* in tolerances */
    double neighbours;               /* products of an error and the next */
    double turned; /* squares of what no factor of an error and the next explains */
    double error_squares, wanted_squares;
};

/* Nothing is added for outputs that must be exact. */
void hone_deviation_add(struct hone_deviation_sums *sums, const struct hone_judged_output *output);
void hone_deviation_of(const struct hone_deviation_sums *sums, struct hone_deviation *deviation);

/* Whether errors go with those of their neighbours, beyond what all have in common: as many of them
 * as there are say no more than a few would. */
bool hone_deviation_is_linked(const struct hone_deviation_sums *sums);

/* Whether results err by the factor of their neighbours, and by no more than adding up so many
 * terms of an f32 one after the other does: a row of results divided by such a sum errs as one. */
bool hone_deviation_is_scaled(const struct hone_deviation_sums *sums, double terms);

/* Make `worst` the larger of both, value by value; one that is absent says nothing. */
void hone_deviation_worsen(struct hone_deviation *worst, const struct hone_deviation *other);

#endif
