/* material_fixture.h - everything a device may be told to make, beside what the host draws. */
#ifndef HONE_TESTS_MATERIAL_FIXTURE_H
#define HONE_TESTS_MATERIAL_FIXTURE_H

#include "core/inputs.h"
#include "core/element.h"
#include "core/judge.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#define MATERIAL_BYTES 4096u
#define MATERIAL_CASES 160u

struct material_case {
    char name[48];
    struct hone_material material; /* its address is the test's to choose */
    uint8_t wanted[MATERIAL_BYTES + 64];
    uint64_t bytes;
};

struct material_cases {
    struct material_case cases[MATERIAL_CASES];
    uint32_t count;
};

static const enum hone_dtype material_dtypes[] = {HONE_F64, HONE_F32, HONE_F16, HONE_BF16,
                                                  HONE_I64, HONE_I32, HONE_U8,  HONE_BOOL};

/* Not whole blocks of four, and of a different length each. */
static inline int64_t material_length(const struct material_cases *cases, enum hone_dtype dtype) {
    return MATERIAL_BYTES / hone_dtype_bytes(dtype) - cases->count % 5;
}

/* False: no such input, so no such case. */
static inline bool material_add_input(struct material_cases *cases, const char *kind,
                                      enum hone_dtype dtype, struct hone_generate generate) {
    const int64_t count = material_length(cases, dtype);
    struct hone_task task = {.id = "test/material",
                             .axis_count = 1,
                             .axes = {{.name = "n", .low = 1, .high = MATERIAL_BYTES}},
                             .arg_count = 3};
    struct hone_workload workload = {.axes = {count}};
    struct material_case *made = &cases->cases[cases->count];
    generate.other = HONE_NO_ARG;
    for (int i = 0; i < 3; i++) {
        task.args[i] = (struct hone_arg){
            .name = "x", .role = HONE_IN, .dtype = dtype, .ndim = 1, .shape = {"n"}};
        workload.generate[i] = generate;
    }
    memset(made->wanted, 0, sizeof made->wanted);
    if (hone_inputs_fill(&task, &workload, 0x123456789abcdef0u, 2, made->wanted) != 0) {
        cr_assert(not(hone_inputs_material(&task, &workload, 1, 2, &made->material)));
        return false;
    }
    cr_assert(hone_inputs_material(&task, &workload, 0x123456789abcdef0u, 2, &made->material));
    made->bytes = (uint64_t)count * hone_dtype_bytes(dtype);
    snprintf(made->name, sizeof made->name, "%s %s", kind, hone_dtype_name(dtype));
    cases->count++;
    return true;
}

static inline void material_add_poison(struct material_cases *cases, enum hone_dtype dtype,
                                       uint32_t pattern, double mean, double rms) {
    static const struct hone_judged_sample sample = {0};
    struct material_case *made = &cases->cases[cases->count];
    struct hone_judged_output output = {.dtype = dtype,
                                        .count = material_length(cases, dtype),
                                        .got = made->wanted,
                                        .mean = mean,
                                        .rms = rms,
                                        .limits = {1e-5, 1e-5, 1e-6},
                                        .sample = &sample};
    memset(made->wanted, 0, sizeof made->wanted);
    hone_judge_poison(&output, 77, pattern);
    made->material = hone_judge_material(&output, 77, pattern);
    made->bytes = (uint64_t)output.count * hone_dtype_bytes(dtype);
    snprintf(made->name, sizeof made->name, "poison %u around %g %s", pattern, mean,
             hone_dtype_name(dtype));
    cases->count++;
}

static inline void material_add_guard(struct material_cases *cases, uint64_t bytes) {
    struct material_case *made = &cases->cases[cases->count++];
    memset(made->wanted, 0, sizeof made->wanted);
    hone_guard_fill(made->wanted, bytes, 4711 + bytes);
    made->material = (struct hone_material){.count = bytes,
                                            .kind = HONE_MATERIAL_GUARD,
                                            .format = HONE_FORMAT_U8,
                                            .seed = 4711 + bytes};
    made->bytes = bytes;
    snprintf(made->name, sizeof made->name, "guard of %u", (unsigned)bytes);
}

static inline void material_list(struct material_cases *cases) {
    static const struct {
        const char *name;
        struct hone_generate generate;
    } kinds[] = {
        {"normal", {.kind = HONE_GEN_NORMAL, .mean = 0.3, .deviation = 2}},
        {"small normal", {.kind = HONE_GEN_NORMAL, .deviation = 1e-5}},
        {"outliers",
         {.kind = HONE_GEN_NORMAL,
          .deviation = 1,
          .outlier_probability = 0.1,
          .outlier_scale = 300}},
        {"uniform", {.kind = HONE_GEN_UNIFORM, .low = -1, .high = 0.7}},
        {"ints", {.kind = HONE_GEN_INTS, .low = 3, .high = 119}},
        {"bernoulli", {.kind = HONE_GEN_BERNOULLI, .probability = 0.3}},
        {"constant", {.kind = HONE_GEN_CONSTANT, .value = 1}},
        {"permutation", {.kind = HONE_GEN_PERMUTATION}},
        {"zipf", {.kind = HONE_GEN_ZIPF, .low = -5, .high = 1000}},
    };
    uint32_t found[sizeof kinds / sizeof *kinds] = {0};
    cases->count = 0;
    for (size_t d = 0; d < sizeof material_dtypes / sizeof *material_dtypes; d++) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            found[k] +=
                material_add_input(cases, kinds[k].name, material_dtypes[d], kinds[k].generate);
        for (uint32_t pattern = 0; pattern < HONE_POISON_PATTERNS; pattern++)
            material_add_poison(cases, material_dtypes[d], pattern, 0.1, 3.3);
        material_add_poison(cases, material_dtypes[d], 1, 1e5, 1e5);
    }
    for (uint64_t bytes = 1; bytes < MATERIAL_BYTES; bytes = 3 * bytes + 1)
        material_add_guard(cases, bytes);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        cr_assert(ge(u32, found[k], 2), "%s", kinds[k].name);
    cr_assert(le(u32, cases->count, MATERIAL_CASES));
}

#endif
