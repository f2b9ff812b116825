#include "core/precision.h"

#include "core/statistics.h"

#include <math.h>

#define STRETCH 512
#define FINEST 0x1p-27    /* a relative step below it is no error of an f32 */
#define SMALLEST 0x1p-100 /* values whose errors are not relative to them */

#define PARTS 64 /* of an output */
#define PARTS_LEAST 16
#define SHRINKING_SAMPLE 1024
#define SPREAD_LEAST 0.25 /* variance of exponents that a slope needs */

/* A stretch of one output, and what it is compared with. */
struct stretch {
    uint32_t count;
    double got[STRETCH];
    const double *wanted, *nudged;
};

static bool read_stretch(const struct hone_judged_output *output, const double *nudged,
                         int64_t first, struct stretch *stretch) {
    const int64_t left = hone_judge_known(output) - first;
    if (left <= 0)
        return false;
    stretch->count = left < STRETCH ? (uint32_t)left : STRETCH;
    stretch->wanted = output->wanted + first;
    stretch->nudged = nudged ? nudged + first : NULL;
    hone_judge_read(output, first, stretch->count, stretch->got);
    return true;
}

static void add_step(struct hone_precision_sums *sums, double step, double size) {
    const double exponent = step > FINEST ? logb(step) : logb(FINEST), room = logb(size);
    sums->steps++;
    sums->exponents += exponent;
    sums->sizes += room;
    sums->products += exponent * room;
    sums->size_squares += room * room;
}

static void add_steps(struct hone_precision_sums *sums, const struct stretch *stretch) {
    double last = NAN, last_size = NAN;
    for (uint32_t i = 0; i < stretch->count; i++) {
        const double size = fabs(stretch->wanted[i]);
        const double error = size > SMALLEST ? (stretch->got[i] - stretch->wanted[i]) / size : NAN;
        const double step = fabs(error - last);
        if (step <= 1)
            add_step(sums, step, fmin(size, last_size));
        last = error;
        last_size = size;
    }
}

static double tolerance_of(const struct hone_judged_output *output, double wanted) {
    return output->limits.atol + output->limits.rtol * fabs(wanted);
}

/* What all errors of an output have in common when it shrinks or grows: the median of relative
 * errors, by a sample of them. */
static double shrinking_of(const struct hone_judged_output *output) {
    const int64_t known = hone_judge_known(output);
    const int64_t every = known / SHRINKING_SAMPLE + 1;
    double relative[SHRINKING_SAMPLE];
    uint32_t count = 0;
    for (int64_t i = 0; i < known; i += every) {
        double got;
        hone_judge_read(output, i, 1, &got);
        const double error = (got - output->wanted[i]) / output->wanted[i];
        if (isfinite(error))
            relative[count++] = error;
    }
    return count ? hone_median(relative, count) : 0;
}

/* One part of the results being looked at. */
struct part {
    struct hone_agreement *to;
    int64_t left, length; /* elements */
    double pairs, agreeing;
};

static void end_part(struct part *part) {
    struct hone_agreement *to = part->to;
    if (part->pairs > 0) {
        to->parts++;
        to->pairs += part->pairs;
        to->agreeing += part->agreeing;
        to->agreeing_squares += part->agreeing * part->agreeing;
        to->products += part->agreeing * part->pairs;
        to->pair_squares += part->pairs * part->pairs;
    }
    part->pairs = part->agreeing = 0;
    part->left = part->length;
}

/* By their signs alone: a few large results would outweigh all others. */
static void add_pairs(struct part *part, const struct hone_judged_output *output, double shrinking,
                      const struct stretch *stretch) {
    double last_error = NAN, last_move = NAN;
    for (uint32_t i = 0; i < stretch->count; i++) {
        const double wanted = stretch->wanted[i], tolerance = tolerance_of(output, wanted);
        const double error = (stretch->got[i] - wanted - shrinking * wanted) / tolerance;
        const double move = (stretch->nudged[i] - wanted) / tolerance;
        const double side = (error - last_error) * (move - last_move);
        last_error = error;
        last_move = move;
        if (isfinite(side) && side != 0) {
            part->agreeing += side > 0 ? 1 : -1;
            part->pairs++;
        }
        if (--part->left == 0)
            end_part(part);
    }
}

static bool is_told(const struct hone_judged_output *output) {
    return !output->exact && output->dtype == HONE_F32;
}

void hone_precision_add(struct hone_precision_sums *sums, const struct hone_judged_output *output) {
    struct stretch stretch;
    for (int64_t first = 0; is_told(output) && read_stretch(output, NULL, first, &stretch);
         first += STRETCH)
        add_steps(sums, &stretch);
}

void hone_precision_compare(struct hone_precision_sums *sums,
                            const struct hone_judged_output *output, uint32_t which,
                            const double *nudged) {
    const int64_t length = hone_judge_known(output) / PARTS + 1;
    struct part part = {.to = &sums->nudged[which], .left = length, .length = length};
    struct stretch stretch;
    if (!is_told(output))
        return;
    const double shrinking = shrinking_of(output);
    for (int64_t first = 0; read_stretch(output, nudged, first, &stretch); first += STRETCH)
        add_pairs(&part, output, shrinking, &stretch);
    end_part(&part);
}

/* Of a ratio of sums over parts, by how the parts depart from it. */
static double chance_of(const struct hone_agreement *sums, double ratio) {
    const double squares =
        sums->agreeing_squares - 2 * ratio * sums->products + ratio * ratio * sums->pair_squares;
    const double parts = (double)sums->parts;
    return sqrt(fmax(squares, 0) * parts / (parts - 1)) / sums->pairs;
}

/* NAN where all results are of one size. */
static double slope_of(const struct hone_precision_sums *sums) {
    const double count = (double)sums->steps;
    const double spread = sums->size_squares - sums->sizes * sums->sizes / count;
    const double both = sums->products - sums->sizes * sums->exponents / count;
    return spread > SPREAD_LEAST * count ? both / spread : NAN;
}

void hone_precision_of(const struct hone_precision_sums *sums, struct hone_precision *precision) {
    *precision = (struct hone_precision){
        .steps = sums->steps,
        .grain = sums->steps ? exp2(sums->exponents / (double)sums->steps) : NAN,
        .slope = slope_of(sums),
    };
    for (uint32_t i = 0; i < HONE_NUDGED_MOST; i++) {
        const struct hone_agreement *nudged = &sums->nudged[i];
        const bool told = nudged->parts >= PARTS_LEAST;
        precision->lost_bits[i] = told ? nudged->agreeing / nudged->pairs : NAN;
        precision->chance[i] = told ? chance_of(nudged, precision->lost_bits[i]) : NAN;
    }
}

void hone_precision_worsen(struct hone_precision *worst, const struct hone_precision *other) {
    if (other->steps > worst->steps)
        worst->steps = other->steps;
    worst->grain = fmax(worst->grain, other->grain);
    worst->slope = fmin(worst->slope, other->slope);
    for (uint32_t i = 0; i < HONE_NUDGED_MOST; i++) {
        if (isnan(other->lost_bits[i]) || fabs(other->lost_bits[i]) <= fabs(worst->lost_bits[i]))
            continue;
        worst->lost_bits[i] = other->lost_bits[i];
        worst->chance[i] = other->chance[i];
    }
}

bool hone_precision_speaks(const struct hone_task *task, const struct hone_workload *workload) {
    bool shows = false;
    for (uint32_t i = 0; i < task->arg_count; i++)
        shows |= hone_arg_is_output(&task->args[i]) && task->args[i].dtype == HONE_F32;
    return shows && !workload->exact;
}
