#include "core/inputs.h"

#include "core/element.h"
#include "plugins/random.h"

#include <math.h>
#include <string.h>

#define STRETCH 512
/* Most of the way: an extreme itself would tie with the element it was taken from. */
#define SHARE 0.75

#define LEAST_NORMAL 0x00800080u /* with room below, where numbers are no longer relative */
#define NUDGED_MOST 0x7f000000u
#define EVEN_BITS 0x154u /* 2, 4, 6, 8 */
#define ODD_BITS 0xa8u   /* 3, 5, 7 */
#define NUDGED_BITS 7u
#define NUDGE 16u /* units in the last place: more than rounding, less than what is not linear */

bool hone_inputs_may_change(const struct hone_task *task, const struct hone_workload *workload,
                            uint32_t arg) {
    const struct hone_arg *input = &task->args[arg];
    const struct hone_generate *generate = &workload->generate[arg];
    return hone_arg_is_tensor(input) && input->role != HONE_OUT &&
           hone_dtype_is_float(input->dtype) &&
           (generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM) &&
           generate->other == HONE_NO_ARG;
}

bool hone_inputs_may_nudge(const struct hone_task *task, const struct hone_workload *workload,
                           uint32_t arg) {
    const struct hone_arg *input = &task->args[arg];
    const enum hone_generator kind = workload->generate[arg].kind;
    return hone_arg_is_tensor(input) && input->role != HONE_OUT && input->dtype == HONE_F32 &&
           (kind == HONE_GEN_NORMAL || kind == HONE_GEN_UNIFORM);
}

void hone_inputs_nudge(int64_t count, float *data) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &data[i], sizeof bits);
        const uint32_t magnitude = bits & 0x7fffffff;
        if (magnitude < LEAST_NORMAL || magnitude > NUDGED_MOST)
            continue;
        const uint32_t even = (uint32_t)__builtin_popcount(bits & EVEN_BITS);
        const uint32_t odd = (uint32_t)__builtin_popcount(~bits & ODD_BITS);
        bits += NUDGE * (2 * (even + odd) - NUDGED_BITS); /* below 0, it wraps around */
        memcpy(&data[i], &bits, sizeof bits);
    }
}

static void find_range(enum hone_dtype dtype, int64_t count, const char *data, double *low,
                       double *high) {
    double values[STRETCH];
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t first = 0; first < count; first += STRETCH) {
        const uint32_t part = count - first < STRETCH ? (uint32_t)(count - first) : STRETCH;
        hone_elements_read(dtype, data + first * hone_dtype_bytes(dtype), part, values);
        for (uint32_t i = 0; i < part; i++) {
            if (!isfinite(values[i]))
                continue;
            *low = fmin(*low, values[i]);
            *high = fmax(*high, values[i]);
        }
    }
}

void hone_inputs_change(enum hone_dtype dtype, int64_t count, uint64_t seed, uint32_t arg,
                        void *data) {
    if (count <= 0)
        return;
    const uint32_t word = hone_random_word(~seed, 0, arg, HONE_STREAM_VALUE);
    const int64_t index = hone_random_integer(word, 0, count - 1);
    char *element = (char *)data + index * hone_dtype_bytes(dtype);
    double value, low, high;
    hone_elements_read(dtype, element, 1, &value);
    find_range(dtype, count, data, &low, &high);
    if (!isfinite(value))
        return;
    if (count == 1) /* it has no others: somewhere in its neighbourhood */
        high = 2 * value + 1, low = value;
    value += SHARE * (high - value > value - low ? high - value : low - value);
    hone_elements_write(dtype, &value, 1, element);
}
