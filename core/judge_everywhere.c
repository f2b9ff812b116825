/* What is looked for in every element of an output whose truth is known at some only. */
#include "core/judge.h"

#include "core/element.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define STRETCH HONE_POISON_STRETCH
#define LANES 8
#define FALSE_ALARM 1e-12 /* the chance that a right output is refused by its sums */
#define ROUNDOFF 0x1p-53

static inline double signed_by(double value, uint8_t sign, int v) {
    return sign >> v & 1 ? -value : value;
}

HONE_VECTORISED void hone_sums_along(const double *values, const uint8_t *signs, uint32_t count,
                                     double sums[HONE_SUMS][HONE_SUMS_STRETCH], double *squares) {
    double parts[HONE_SUMS][LANES] = {{0}}, square_parts[LANES] = {0};
    uint32_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (uint32_t k = 0; k < LANES; k++) {
            for (int v = 0; v < HONE_SUMS; v++)
                parts[v][k] += values[i + k] * (1.0 - 2.0 * (signs[i + k] >> v & 1));
            square_parts[k] += values[i + k] * values[i + k];
        }
    for (; i < count; i++) {
        for (int v = 0; v < HONE_SUMS; v++)
            parts[v][0] += signed_by(values[i], signs[i], v);
        square_parts[0] += values[i] * values[i];
    }
    for (int k = 0; k < LANES; k++) {
        for (int v = 0; v < HONE_SUMS; v++)
            sums[v][0] += parts[v][k];
        squares[0] += square_parts[k];
    }
}

HONE_VECTORISED void hone_sums_across(const double *values, uint8_t sign, uint32_t count,
                                      double sums[HONE_SUMS][HONE_SUMS_STRETCH], double *squares) {
    for (int v = 0; v < HONE_SUMS; v++) {
        const double factor = sign >> v & 1 ? -1 : 1;
        for (uint32_t i = 0; i < count; i++)
            sums[v][i] += factor * values[i];
    }
    for (uint32_t i = 0; i < count; i++)
        squares[i] += values[i] * values[i];
}

/* One look at everything. */
struct look {
    const struct hone_judged_output *output;
    uint64_t seed;
    uint32_t pattern;
    int64_t unwritten, non_finite;     /* hold their poison; are not finite and no poison */
    int64_t poisoned_infinities;       /* either */
    int64_t first_strange, first_same; /* not finite; finite, and its poison; -1 */
};

HONE_VECTORISED static bool all_finite(const double *values, uint32_t count) {
    uint64_t strange = 0;
    for (uint32_t i = 0; i < count; i++)
        strange += !(fabs(values[i]) <= DBL_MAX);
    return strange == 0;
}

HONE_VECTORISED static bool none_same_32(const uint32_t *one, const uint32_t *other,
                                         uint32_t count) {
    uint32_t same = 0;
    for (uint32_t i = 0; i < count; i++)
        same += one[i] == other[i];
    return same == 0;
}

static void look_closely(struct look *look, int64_t first, uint32_t count, const double *values,
                         const char *got, const char *poison) {
    const uint32_t bytes = hone_dtype_bytes(look->output->dtype);
    for (uint32_t i = 0; i < count; i++) {
        const bool same = poison && memcmp(got + i * bytes, poison + i * bytes, bytes) == 0;
        const bool finite = isfinite(values[i]);
        int64_t *place = finite ? &look->first_same : &look->first_strange;
        if (!same && finite)
            continue;
        look->unwritten += same && !isinf(values[i]);
        look->poisoned_infinities += same && isinf(values[i]);
        look->non_finite += !same;
        if (*place < 0 || first + i < *place)
            *place = first + i;
    }
}

/* Read up to a stretch, and look for what shall be nowhere. */
static void look_at(struct look *look, int64_t first, uint32_t count, double *values) {
    const struct hone_judged_output *output = look->output;
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    const char *got = (const char *)output->got + first * bytes;
    _Alignas(64) char poison[STRETCH * sizeof(double)];
    hone_elements_read(output->dtype, got, count, values);
    const bool finite = all_finite(values, count);
    if (!output->unpoisoned)
        hone_judge_poison_stretch(output, look->seed, look->pattern, first, count, poison);
    const bool written =
        output->unpoisoned ||
        (bytes == 4 && none_same_32((const void *)got, (const void *)poison, count));
    if (!finite || !written)
        look_closely(look, first, count, values, got, output->unpoisoned ? NULL : poison);
}

/* Hoeffding's bound on a sum of tolerances with random signs, and what rounding adds: sample.h. */
static double bound(const struct hone_judged_output *output, double deviations, double squares) {
    const struct hone_judged_sample *sample = output->sample;
    const double atol = output->exact ? 0 : output->limits.atol;
    const double rtol = output->exact ? 0 : output->limits.rtol;
    const double root = sqrt((double)sample->length), norm = sqrt(squares);
    const double tolerance = (atol * root + rtol * norm) / (1 - fmin(rtol, 0.5));
    return deviations * tolerance + 16 * ROUNDOFF * (2 * root + 256) * norm;
}

static void check_fibre(const struct hone_judged_output *output, double deviations, int64_t o,
                        int64_t i, const double sums[HONE_SUMS], double squares,
                        struct hone_judgement *judgement) {
    const struct hone_judged_sample *sample = output->sample;
    const double *wanted = sample->sums + (o * sample->inner + i) * HONE_SUMS;
    const double most = bound(output, deviations, squares);
    bool right = true;
    for (int v = 0; v < HONE_SUMS; v++)
        right &= fabs(sums[v] - wanted[v]) <= most;
    if (right)
        return;
    if (judgement->wrong_sums++ == 0)
        judgement->first_wrong_sum = o * sample->length * sample->inner + i;
}

/* Fibres of contiguous elements. */
static void visit_rows(struct look *look, double deviations, struct hone_judgement *judgement) {
    const struct hone_judged_sample *sample = look->output->sample;
    double values[STRETCH], sums[HONE_SUMS][HONE_SUMS_STRETCH], squares;
    for (int64_t o = 0; o < sample->outer; o++) {
        squares = 0;
        for (int v = 0; v < HONE_SUMS; v++)
            sums[v][0] = 0;
        for (int64_t j = 0; j < sample->length; j += STRETCH) {
            const int64_t left = sample->length - j;
            const uint32_t count = left < STRETCH ? (uint32_t)left : STRETCH;
            look_at(look, o * sample->length + j, count, values);
            if (sample->sums)
                hone_sums_along(values, sample->signs + j, count, sums, &squares);
        }
        if (sample->sums)
            check_fibre(look->output, deviations, o, 0, (double[]){sums[0][0], sums[1][0]}, squares,
                        judgement);
    }
}

/* Fibres side by side: a stretch of them at a time. */
static void visit_columns(struct look *look, double deviations, struct hone_judgement *judgement) {
    const struct hone_judged_sample *sample = look->output->sample;
    double values[STRETCH], sums[HONE_SUMS][HONE_SUMS_STRETCH], squares[STRETCH];
    for (int64_t o = 0; o < sample->outer; o++)
        for (int64_t first = 0; first < sample->inner; first += STRETCH) {
            const int64_t left = sample->inner - first;
            const uint32_t count = left < STRETCH ? (uint32_t)left : STRETCH;
            memset(sums, 0, sizeof sums);
            memset(squares, 0, sizeof squares);
            for (int64_t j = 0; j < sample->length; j++) {
                look_at(look, (o * sample->length + j) * sample->inner + first, count, values);
                hone_sums_across(values, sample->signs[j], count, sums, squares);
            }
            for (uint32_t i = 0; i < count; i++)
                check_fibre(look->output, deviations, o, first + i,
                            (double[]){sums[0][i], sums[1][i]}, squares[i], judgement);
        }
}
_Static_assert(HONE_SUMS == 2, "lists of sums above have two elements");

/* What a device has looked at: its findings, and its sums of every fibre. */
static void visit_sight(struct look *look, double deviations, struct hone_judgement *judgement) {
    const struct hone_judged_sample *sample = look->output->sample;
    const struct hone_sight *sight = look->output->sight;
    const double *sums = sight->sums;
    look->unwritten = (int64_t)sight->seen.unwritten;
    look->non_finite = (int64_t)sight->seen.non_finite;
    look->poisoned_infinities = (int64_t)sight->seen.poisoned_infinities;
    look->first_strange = (int64_t)sight->seen.first_strange; /* none is UINT64_MAX, here -1 */
    look->first_same = (int64_t)sight->seen.first_same;
    for (int64_t o = 0; sample->sums && o < sample->outer; o++)
        for (int64_t i = 0; i < sample->inner; i++, sums += HONE_SUMS + 1)
            check_fibre(look->output, deviations, o, i, sums, sums[HONE_SUMS], judgement);
}

/* So many right elements may be their poison by chance: a uniform draw is any one float near it
 * with a chance of the float's spacing over the draw's width. */
static double coincidences(const struct hone_judged_output *output) {
    const double width = sqrt(fmax(output->rms * output->rms - output->mean * output->mean,
                                   1e-6 * output->mean * output->mean));
    const int digits = output->dtype == HONE_F64   ? 52
                       : output->dtype == HONE_F32 ? 23
                       : output->dtype == HONE_F16 ? 10
                                                   : 7;
    const double reach = 4 * (fabs(output->mean) / fmax(width, DBL_MIN) + 2);
    return (double)output->count * fmin(1, ldexp(reach, -digits));
}

/* What was found, into the judgement of the sampled elements. */
static void conclude(const struct look *look, bool wild, struct hone_judgement *judgement) {
    const double most = wild ? 0 : 40 + 2 * coincidences(look->output);
    const bool unwritten = (double)look->unwritten > most;
    const int64_t strange = look->non_finite + look->poisoned_infinities;
    const int64_t wrong = strange + (unwritten ? look->unwritten : 0);
    int64_t first = look->first_strange;
    if (unwritten && look->first_same >= 0 && (first < 0 || look->first_same < first))
        first = look->first_same;
    if (unwritten) {
        judgement->facts |= HONE_FACT_UNWRITTEN;
        judgement->unwritten_count = look->unwritten + look->poisoned_infinities;
    }
    if (look->non_finite || (look->poisoned_infinities && !unwritten))
        judgement->facts |= HONE_FACT_NON_FINITE;
    if (strange)
        judgement->max_error = judgement->rel_l2 = INFINITY;
    if (wrong > judgement->wrong_count)
        judgement->wrong_count = wrong;
    if (!wrong || (judgement->first_wrong >= 0 && judgement->first_wrong <= first))
        return;
    judgement->first_wrong = first;
    judgement->first_got = judgement->first_wanted = NAN;
}

void hone_judge_everywhere(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                           struct hone_judgement *judgement) {
    const struct hone_judged_sample *sample = output->sample;
    const double sums = (double)(sample->outer * sample->inner * HONE_SUMS);
    const double deviations = sqrt(2 * log(2 * sums / FALSE_ALARM));
    struct look look = {
        .output = output, .seed = seed, .pattern = pattern, .first_strange = -1, .first_same = -1};
    if (output->sight)
        visit_sight(&look, deviations, judgement);
    else if (sample->inner == 1)
        visit_rows(&look, deviations, judgement);
    else
        visit_columns(&look, deviations, judgement);
    conclude(&look, pattern % HONE_POISON_PATTERNS == HONE_POISON_WILD, judgement);
}
