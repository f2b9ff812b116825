#include "core/judge.h"

#include "core/element.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Of fewer elements a norm says nothing that their own limits do not; and where they cancel, it is
 * so small that a right result would be called wrong. */
#define NORM_ELEMENTS_LEAST 16
/* Elements looked at together: two stretches of doubles stay in the first-level cache. */
#define STRETCH 512
#define WIDTH 4 /* doubles in a vector */
#define VECTOR 32
#define LANES (2 * WIDTH)

HONE_VECTORISED static void sum_up(const double *values, int64_t count, double *sum,
                                   double *squares) {
    double sums[LANES] = {0}, square_sums[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) {
            sums[k] += values[i + k];
            square_sums[k] += values[i + k] * values[i + k];
        }
    for (; i < count; i++) {
        sums[0] += values[i];
        square_sums[0] += values[i] * values[i];
    }
    *sum = *squares = 0;
    for (int k = 0; k < LANES; k++) {
        *sum += sums[k];
        *squares += square_sums[k];
    }
}

void hone_judge_moments(const double *wanted, int64_t count, double *mean, double *rms) {
    double sum, squares;
    int64_t finite = count;
    sum_up(wanted, count, &sum, &squares);
    if (!isfinite(sum) || !isfinite(squares)) {
        sum = squares = 0;
        finite = 0;
        for (int64_t i = 0; i < count; i++)
            if (isfinite(wanted[i])) {
                sum += wanted[i];
                squares += wanted[i] * wanted[i];
                finite++;
            }
    }
    *mean = finite ? sum / (double)finite : 0;
    *rms = finite ? sqrt(squares / (double)finite) : 0;
}

static bool is_exact(const struct hone_judged_output *output) {
    return output->exact || !hone_dtype_is_float(output->dtype);
}

bool hone_judge_right(const struct hone_judged_output *output, double got, double wanted) {
    if (isnan(wanted))
        return isnan(got);
    if (isinf(wanted))
        return isinf(got) && (got > 0) == (wanted > 0);
    if (!isfinite(got))
        return false;
    if (is_exact(output)) {
        uint64_t rounded;
        hone_elements_write(output->dtype, &wanted, 1, &rounded);
        hone_elements_read(output->dtype, &rounded, 1, &wanted);
        return got == wanted;
    }
    return fabs(got - wanted) <= output->limits.atol + output->limits.rtol * fabs(wanted);
}

struct errors {
    double squares, biggest;
    int64_t perhaps_unwritten; /* hold an infinity that is their poison, or a wrong result */
};

/* Returns how many are not surely right: with a value that is not finite, some of these may be.
 * `count` is a multiple of LANES. In the compiler's vectors, since it may not reorder a sum of
 * doubles by itself; two at a time, since each step of a sum waits for the one before. */
HONE_VECTORISED static uint64_t compare(const double *got, const double *wanted, uint32_t count,
                                        double atol, double rtol, struct errors *errors) {
    const double zero __attribute__((vector_size(VECTOR))) = {0};
    const int64_t none __attribute__((vector_size(VECTOR))) = {0};
    const __typeof__(none) magnitude = none + INT64_MAX;
    __typeof__(none + 0) right[2] = {none, none};
    __typeof__(zero + 0) squares[2] = {zero, zero}, biggest[2] = {zero, zero};
    for (uint32_t i = 0; i < count; i += LANES)
        for (int k = 0; k < 2; k++) {
            __typeof__(zero + 0) g, w;
            memcpy(&g, got + i + k * WIDTH, sizeof g);
            memcpy(&w, wanted + i + k * WIDTH, sizeof w);
            const __typeof__(g) error = (__typeof__(g))((__typeof__(none))(g - w) & magnitude);
            const __typeof__(g) size = (__typeof__(g))((__typeof__(none))w & magnitude);
            right[k] -= (error <= atol + rtol * size) & (error <= DBL_MAX);
            squares[k] += error * error;
            const __typeof__(none) larger = error > biggest[k];
            biggest[k] = (__typeof__(g))(((__typeof__(none))error & larger) |
                                         ((__typeof__(none))biggest[k] & ~larger));
        }
    uint64_t doubtful = count;
    for (int k = 0; k < LANES; k++) {
        const double peak = biggest[k / WIDTH][k % WIDTH];
        doubtful -= (uint64_t)right[k / WIDTH][k % WIDTH];
        errors->squares += squares[k / WIDTH][k % WIDTH];
        errors->biggest = peak > errors->biggest ? peak : errors->biggest;
    }
    return doubtful;
}

static int64_t place_of(const struct hone_judged_output *output, int64_t index) {
    return output->sample ? output->sample->at[index] : index;
}

/* Number `index` of those that are known. */
static void judge_element(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                          int64_t index, double got, struct hone_judgement *judgement,
                          struct errors *errors) {
    const double wanted = output->wanted[index];
    const int64_t place = place_of(output, index);
    const double error = fabs(got - wanted);
    if (isfinite(error)) {
        errors->squares += error * error;
        errors->biggest = fmax(errors->biggest, error);
    }
    if (hone_judge_right(output, got, wanted))
        return;
    if (!isfinite(error))
        errors->squares = errors->biggest = INFINITY;
    if (judgement->wrong_count++ == 0) {
        judgement->first_wrong = place;
        judgement->first_got = got;
        judgement->first_wanted = wanted;
    }
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    const char *written = output->sight
                              ? (const char *)output->sight->elements + index * (int64_t)bytes
                              : (const char *)output->got + place * (int64_t)bytes;
    uint64_t poison;
    const bool tells = hone_judge_poison_of(output, seed, pattern, place, &poison);
    const bool same = !output->unpoisoned && memcmp(&poison, written, bytes) == 0;
    if (same && tells)
        judgement->unwritten_count++;
    else if (same)
        errors->perhaps_unwritten++;
    else if (!isfinite(got))
        judgement->facts |= HONE_FACT_NON_FINITE;
}

int64_t hone_judge_known(const struct hone_judged_output *output) {
    return output->sample ? output->sample->count : output->count;
}

static void decide(const struct hone_judged_output *output, const struct errors *errors,
                   struct hone_judgement *judgement) {
    /* A wrong 8 or 16-bit value, or an integer, is the poison by chance once in a while. */
    const bool narrow = hone_dtype_bytes(output->dtype) < 4 || !hone_dtype_is_float(output->dtype);
    if (judgement->unwritten_count > (narrow ? judgement->wrong_count / 16 : 0)) {
        judgement->facts |= HONE_FACT_UNWRITTEN;
        judgement->unwritten_count += errors->perhaps_unwritten;
    } else if (errors->perhaps_unwritten) {
        judgement->facts |= HONE_FACT_NON_FINITE;
    }
    if (judgement->facts & HONE_FACT_UNWRITTEN)
        judgement->reason = HONE_REASON_UNWRITTEN;
    else if (judgement->facts & HONE_FACT_NON_FINITE)
        judgement->reason = HONE_REASON_NON_FINITE;
    else if (judgement->wrong_count || judgement->wrong_sums ||
             (!is_exact(output) && hone_judge_known(output) >= NORM_ELEMENTS_LEAST &&
              judgement->rel_l2 > output->limits.rel_l2))
        judgement->reason = HONE_REASON_VALUES;
}

void hone_judge_read(const struct hone_judged_output *output, int64_t first, uint32_t count,
                     double *got) {
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    const char *from = output->got;
    char gathered[STRETCH * sizeof(double)];
    if (output->sight)
        from = output->sight->elements;
    if (!output->sample || output->sight) {
        hone_elements_read(output->dtype, from + first * bytes, count, got);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        memcpy(gathered + i * bytes, from + output->sample->at[first + i] * bytes, bytes);
    hone_elements_read(output->dtype, gathered, count, got);
}

void hone_judge(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                struct hone_judgement *judgement) {
    const bool exact = is_exact(output);
    const double atol = exact ? 0 : output->limits.atol, rtol = exact ? 0 : output->limits.rtol;
    const int64_t total = hone_judge_known(output);
    double got[STRETCH], wanted[STRETCH];
    struct errors errors = {0};
    *judgement = (struct hone_judgement){.first_wrong = -1, .first_wrong_sum = -1};
    for (int64_t first = 0; first < total; first += STRETCH) {
        const int64_t left = total - first;
        const uint32_t count = left < STRETCH ? (uint32_t)left : STRETCH;
        const uint32_t padded = (count + LANES - 1) / LANES * LANES;
        const double *values = output->wanted + first;
        hone_judge_read(output, first, count, got);
        if (padded != count) {
            memcpy(wanted, values, count * sizeof *wanted);
            values = wanted;
            for (uint32_t i = count; i < padded; i++)
                got[i] = wanted[i] = 0;
        }
        struct errors here = errors;
        if (compare(got, values, padded, atol, rtol, &here) == 0) {
            errors = here;
            continue;
        }
        for (uint32_t i = 0; i < count; i++)
            judge_element(output, seed, pattern, first + i, got[i], judgement, &errors);
    }
    const double norm = fmax(output->rms, output->limits.scale) * sqrt((double)total);
    judgement->max_error = errors.biggest;
    judgement->rel_l2 = errors.squares > 0 ? sqrt(errors.squares) / norm : 0;
    if (output->sample) {
        hone_judge_everywhere(output, seed, pattern, judgement);
        errors.perhaps_unwritten = 0; /* counted there */
    }
    decide(output, &errors, judgement);
}
