#include "core/inputs.h"

#include "core/element.h"
#include "plugins/random.h"

#include <math.h>

#define STRETCH 512
/* Most of the way: an extreme itself would tie with the element it was taken from. */
#define SHARE 0.75

bool hone_inputs_may_change(const struct hone_task *task, const struct hone_workload *workload,
                            uint32_t arg) {
    const struct hone_arg *input = &task->args[arg];
    const struct hone_generate *generate = &workload->generate[arg];
    return hone_arg_is_tensor(input) && input->role != HONE_OUT &&
           hone_dtype_is_float(input->dtype) &&
           (generate->kind == HONE_GEN_NORMAL || generate->kind == HONE_GEN_UNIFORM) &&
           generate->other == HONE_NO_ARG;
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
