#include "core/gate_private.h"

#include "core/element.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define NUDGE 4 /* tolerances an element is put off by */
/* Looked at first: most of what is wrong is wrong there, and that is soon seen. */
#define GLANCE 2048

const double *hone_gate_wanted(const struct hone_gate_view *view, const struct hone_set *set) {
    return (const void *)(set->base + view->layout->oracle_offset[view->output]);
}

static int64_t count_of(const struct hone_gate_view *view) {
    return view->layout->count[view->output];
}

static enum hone_dtype dtype_of(const struct hone_gate_view *view) {
    return view->task->args[view->output].dtype;
}

static void fill(const struct hone_gate_view *view, double *values, double value) {
    for (int64_t i = 0; i < count_of(view); i++)
        values[i] = value;
}

static void make_zeros(const struct hone_gate_view *view, double *values) {
    fill(view, values, 0);
}

static void make_ones(const struct hone_gate_view *view, double *values) {
    fill(view, values, 1);
}

static void make_mean(const struct hone_gate_view *view, double *values) {
    fill(view, values, view->set->mean[view->output]);
}

static void make_other(const struct hone_gate_view *view, double *values) {
    memcpy(values, hone_gate_wanted(view, view->other), (size_t)count_of(view) * sizeof *values);
}

static void make_right(const struct hone_gate_view *view, double *values) {
    memcpy(values, hone_gate_wanted(view, view->set), (size_t)count_of(view) * sizeof *values);
}

/* What is missing is zero: a memory that was never written often is. */
static void make_half(const struct hone_gate_view *view, double *values) {
    make_right(view, values);
    for (int64_t i = count_of(view) / 2; i < count_of(view); i++)
        values[i] = 0;
}

static void make_last_row_missing(const struct hone_gate_view *view, double *values) {
    int64_t shape[HONE_DIMS_MAX];
    const int64_t count = hone_task_shape(view->task, view->workload, view->output, shape);
    make_right(view, values);
    for (int64_t i = count - count / shape[0]; i < count; i++)
        values[i] = 0;
}

static void make_last_column_missing(const struct hone_gate_view *view, double *values) {
    int64_t shape[HONE_DIMS_MAX] = {0};
    const uint32_t ndim = view->task->args[view->output].ndim;
    const int64_t count = hone_task_shape(view->task, view->workload, view->output, shape);
    const int64_t columns = ndim ? shape[ndim - 1] : 1;
    make_right(view, values);
    for (int64_t i = columns - 1; i < count; i += columns)
        values[i] = 0;
}

/* The distance from a value to the next of its dtype. */
static double unit_of(enum hone_dtype dtype, double value) {
    const int digits = dtype == HONE_F64    ? DBL_MANT_DIG
                       : dtype == HONE_F32  ? FLT_MANT_DIG
                       : dtype == HONE_F16  ? 11
                       : dtype == HONE_BF16 ? 8
                                            : 0;
    int exponent;
    if (!digits)
        return 1;
    frexp(value, &exponent);
    return ldexp(1, (value == 0 ? 0 : exponent) - digits);
}

static void make_nudged(const struct hone_gate_view *view, double *values) {
    const int64_t count = count_of(view);
    int64_t at = count / 3, tried = 0;
    make_right(view, values);
    while (tried++ < count && !isfinite(values[at]))
        at = (at + 1) % count;
    const struct hone_limits limits = view->set->limits[view->output];
    double allowed = limits.atol + limits.rtol * fabs(values[at]);
    if (view->workload->exact || !hone_dtype_is_float(dtype_of(view)))
        allowed = 0;
    values[at] += fmax(NUDGE * allowed, unit_of(dtype_of(view), values[at]));
}

static void make_bf16(const struct hone_gate_view *view, double *values) {
    uint16_t rounded[GLANCE];
    make_right(view, values);
    for (int64_t first = 0; first < count_of(view); first += GLANCE) {
        int64_t left = count_of(view) - first;
        uint32_t some = left < GLANCE ? (uint32_t)left : GLANCE;
        hone_elements_write(HONE_BF16, values + first, some, rounded);
        hone_elements_read(HONE_BF16, rounded, some, values + first);
    }
}

void hone_gate_round_fp8(double *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        int exponent;
        const double fraction = frexp(values[i], &exponent);
        if (isfinite(values[i]))
            values[i] = ldexp(rint(ldexp(fraction, 4)), exponent - 4);
    }
}

static void make_fp8(const struct hone_gate_view *view, double *values) {
    make_right(view, values);
    hone_gate_round_fp8(values, (uint32_t)count_of(view));
}

static void make_f32(const struct hone_gate_view *view, double *values) {
    make_right(view, values);
    for (int64_t i = 0; i < count_of(view); i++)
        values[i] = (double)(float)values[i];
}

/* As much of the input as there is, again and again. */
static void make_copied(const struct hone_gate_view *view, double *values) {
    const enum hone_dtype dtype = view->task->args[view->input].dtype;
    const uint8_t *from = view->set->base + view->layout->input_offset[view->input];
    const int64_t have = view->layout->count[view->input];
    for (int64_t first = 0; first < count_of(view);) {
        int64_t most = count_of(view) - first < have ? count_of(view) - first : have;
        hone_elements_read(dtype, from, (uint32_t)most, values + first);
        first += most;
    }
}

static bool has_rows(const struct hone_task *task, uint32_t output) {
    return task->args[output].ndim >= 2;
}

static bool forbids_bf16(const struct hone_task *task, uint32_t output) {
    const enum hone_dtype dtype = task->args[output].dtype;
    return hone_dtype_is_float(dtype) && dtype != HONE_BF16;
}

static bool forbids_fp8(const struct hone_task *task, uint32_t output) {
    return task->args[output].dtype == HONE_BF16;
}

static bool forbids_singles(const struct hone_task *task, uint32_t output) {
    return task->args[output].dtype == HONE_F64;
}

const struct hone_gate_computed hone_gate_computed[] = {
    {"zeros", "an output of zeros", 0, NULL, make_zeros},
    {"ones", "an output of ones", 0, NULL, make_ones},
    {"mean", "the oracle's mean everywhere", 0, NULL, make_mean},
    {"other_seed", "the output of another seed", 0, NULL, make_other},
    {"stale", "the output of the call before", HONE_GATE_SECOND, NULL, make_other},
    {"half", "the first half only", 0, NULL, make_half},
    {"last_row", "all but the last row", 0, has_rows, make_last_row_missing},
    {"last_column", "all but the last column", 0, NULL, make_last_column_missing},
    {"nudged", "one element off by four times the tolerance", 0, NULL, make_nudged},
    {"bf16_output", "an output rounded to bf16", 0, forbids_bf16, make_bf16},
    {"fp8_output", "an output rounded to fp8", 0, forbids_fp8, make_fp8},
    {"f32_output", "an output rounded to f32", 0, forbids_singles, make_f32},
    {"copied", "an input copied", HONE_GATE_OF_INPUTS, NULL, make_copied},
    {NULL, NULL, 0, NULL, NULL},
};

/* Judge `count` elements from `first` on. A stretch of an output has no l2 error to speak of. */
static bool is_wrong(const struct hone_gate_view *view, const double *values, void *got,
                     int64_t first, int64_t count) {
    const enum hone_dtype dtype = dtype_of(view);
    struct hone_judged_output output = {
        .dtype = dtype,
        .count = count,
        .got = got,
        .wanted = hone_gate_wanted(view, view->set) + first,
        .mean = view->set->mean[view->output],
        .rms = view->set->rms[view->output],
        .limits = view->set->limits[view->output],
        .exact = view->workload->exact,
        .unpoisoned = true, /* nothing to tell apart: a mutant is written as a whole */
    };
    if (count < count_of(view))
        output.limits.rel_l2 = (double)NAN;
    for (int64_t i = 0; i < count; i += GLANCE) {
        uint32_t some = count - i < GLANCE ? (uint32_t)(count - i) : GLANCE;
        hone_elements_write(dtype, values + first + i, some,
                            (char *)got + i * hone_dtype_bytes(dtype));
    }
    struct hone_judgement judgement;
    hone_judge(&output, 0, 0, &judgement);
    return judgement.reason != HONE_REASON_NONE;
}

bool hone_gate_refuses(const struct hone_gate_computed *computed, const struct hone_gate_view *view,
                       double *values, void *got) {
    const int64_t count = count_of(view);
    computed->make(view, values);
    if (count > 2 * GLANCE && (is_wrong(view, values, got, 0, GLANCE) ||
                               is_wrong(view, values, got, count - GLANCE, GLANCE)))
        return true;
    return is_wrong(view, values, got, 0, count);
}
