/* Runs the operators of plans: words in, hone_operator_run() out. The words are the supervisor's;
 * what the tensors hold may be a candidate's. */
#include "hardware/cpu/library/calls.h"
#include "hardware/cpu/library/cblas.h"
#include "plugins/operators.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an operator works in: reserved before a process loses its system calls, and touched, page by
 * page, by those that need it. */
#define SCRATCH_BYTES (1u << 30)
#define SCRATCH_BYTES_LEAST (64u << 20)
#define TENSORS_MAX 9
#define ATTRIBUTES_MAX 8

static void product(int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c) {
    __typeof__(cblas_sgemm) *gemm;
    memcpy(&gemm, &hone_slot_cblas_sgemm, sizeof gemm);
    gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b, (int)n,
         0, c, (int)n);
}

/* malloc() takes from the heap alone from here on, and never gives back to the kernel. */
const char *hone_library_operators(bool opened) {
    void *scratch = NULL;
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    for (size_t bytes = SCRATCH_BYTES; !scratch && bytes >= SCRATCH_BYTES_LEAST; bytes /= 2)
        scratch = malloc(bytes);
    if (!scratch)
        return "no memory for operators to work in";
    free(scratch);
    hone_operator_use_product(opened ? product : NULL);
    return NULL;
}

static const uint64_t *take_tensor(const uint64_t *words, struct hone_tensor *tensor) {
    const uint64_t address = *words++, kind = *words++;
    *tensor = (struct hone_tensor){.data = (void *)(uintptr_t)address, /* NOLINT */
                                   .device_type = 1,
                                   .ndim = (int32_t)(kind >> 16),
                                   .type_code = (uint8_t)kind,
                                   .type_bits = (uint8_t)(kind >> 8),
                                   .type_lanes = 1};
    if (!address) { /* a number: its bits are the next word */
        memcpy(&tensor->data, &words, sizeof words);
        return words + 1;
    }
    memcpy(&tensor->shape, &words, sizeof words); /* as they lie there */
    return words + tensor->ndim;
}

static const uint64_t *take_attribute(const uint64_t *words,
                                      struct hone_operator_attribute *attribute) {
    *attribute = (struct hone_operator_attribute){.name = (const char *)words};
    words += HONE_OPERATOR_NAME_WORDS;
    attribute->count = (uint32_t)*words++;
    memcpy(&attribute->values, &words, sizeof words);
    return words + attribute->count;
}

static const uint64_t *run_one(const uint64_t *words) {
    struct hone_tensor tensors[TENSORS_MAX];
    struct hone_operator_attribute attributes[ATTRIBUTES_MAX];
    const uint32_t operands = (uint32_t)*words, count = (uint32_t)(*words >> 32);
    const char *name = (const char *)++words;
    words += HONE_OPERATOR_NAME_WORDS;
    if (operands >= TENSORS_MAX || count > ATTRIBUTES_MAX)
        _exit(E2BIG);
    for (uint32_t i = 0; i <= operands; i++)
        words = take_tensor(words, &tensors[i]);
    for (uint32_t i = 0; i < count; i++)
        words = take_attribute(words, &attributes[i]);
    const int failed =
        hone_operator_run(name, tensors, operands, &tensors[operands], attributes, count);
    if (failed)
        _exit(-failed);
    return words;
}

void hone_library_run_operators(const uint64_t *words) {
    for (uint64_t left = *words++; left > 0; left--)
        words = run_one(words);
}
