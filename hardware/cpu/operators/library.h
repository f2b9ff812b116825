/* library.h - what the families of the library share: a call as they see it. */
#ifndef HONE_CPU_OPERATORS_LIBRARY_H
#define HONE_CPU_OPERATORS_LIBRARY_H

#include "plugins/operators.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DIMS 8 /* of a tensor */

/* Loops are built for wide vectors too, and the loader chooses. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((optimize("O3"), target_clones("arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

struct call {
    const struct hone_tensor *in, *out;
    uint32_t in_count, attribute_count;
    const struct hone_operator_attribute *attributes;
    uint32_t variant; /* of the table's row */
};

struct row {
    const char *name; /* NULL ends a family */
    int (*run)(const struct call *call);
    uint32_t variant, least; /* operands */
};
extern const struct row hone_library_elementwise[], hone_library_along[], hone_library_layout[],
    hone_library_product[], hone_library_norm[], hone_library_attention[], hone_library_sparse[],
    hone_library_science[], hone_library_pool[];

float *floats(const struct hone_tensor *tensor);
int64_t count_of(const struct hone_tensor *tensor);
/* A number, or an entry of a list of which one stands for all; `fallback` where it is absent. */
double attribute(const struct call *call, const char *name, uint32_t index, double fallback);
uint32_t attribute_length(const struct call *call, const char *name);
/* A negative axis counts from the end. -EINVAL: there is none. */
int axis_of(const struct call *call, double fallback, int64_t *outer, int64_t *length,
            int64_t *inner);
/* An index below `below`, or -ERANGE. */
int index_at(const struct hone_tensor *tensor, int64_t at, int64_t below, int64_t *index);

/* e^x to about an ulp: e^(r) of |r| <= ln 2 / 2 by its series, times a power of two. Vectorises. */
static inline float fast_exp(float x) {
    x = x < -87.3f ? -87.3f : x; /* a NaN stays one */
    x = x > 88.3f ? 88.3f : x;
    const float shifted = x * 1.44269504088896341f + 12582912.0f; /* 1.5 * 2^23: rounds */
    const float whole = shifted - 12582912.0f;
    const float r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float sum = 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1;
    sum = sum * r + 1;
    const int32_t bits = (int32_t)((uint32_t)((int32_t)whole + 127) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

#endif
