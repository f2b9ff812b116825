/* operators.h - a library of operators in single precision, for the `op` steps of launch plans.
 * Floats of 16 bits are widened in front of an operator and rounded behind it.
 *
 * A library is a shared object that exports the functions below; lib/hone-operators.so is the one
 * in plain C. Names, operands and attributes are those of oracle graphs (core/operators). Tensors
 * are compact and row-major: f32, f16 or bf16, but for indices, which are i32, i64 or u8. Shapes
 * are checked by the caller, who asked the graph's rules for the output's; what values alone tell
 * is checked here. One thread; nothing is kept between calls.
 *
 * A process that a hardware plugin starts with HONE_PROCESS_OPERATORS runs them by words: the words
 * of a call are the number of operators, and for each
 *
 *     operand count | attribute count << 32, the name
 *     operands in order, then the output: address, type code | bits << 8 | ndim << 16, shape;
 *         a number: 0, type code | bits << 8, its bits
 *     attributes: the name, how many values, the values as f64
 *
 * A name has HONE_OPERATOR_NAME_WORDS words, with zeros behind it. One that fails ends the process
 * with the errno as its exit status.
 */
#ifndef HONE_OPERATORS_H
#define HONE_OPERATORS_H

#include "tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define HONE_OPERATOR_NAME_WORDS 4

#ifdef __cplusplus
extern "C" {
#endif

/* One attribute of a line, in any order; defaults may be left out. Flags are 0 and 1. Frozen. */
struct hone_operator_attribute {
    const char *name;
    const double *values;
    uint32_t count;
    uint32_t reserved;
};

/* Whether operand `operand` of an operator holds indices, which are integers; all others are
 * floats. */
static inline bool hone_operator_reads_indices(const char *name, uint32_t operand) {
    static const struct {
        const char *name;
        uint32_t operand;
    } rows[] = {
        {"embedding", 1},       {"segment_sum", 0},     {"spmv_csr", 0}, {"spmv_csr", 1},
        {"spmm_csr", 0},        {"spmm_csr", 1},        {"rope", 1},     {"dequantize_w4", 0},
        {"attention_paged", 3}, {"attention_paged", 4}, {"gather", 1},   {"nll_loss", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].operand == operand && strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

/* Compute `output`. -ENOENT: the library has no such operator; -EINVAL: operands it cannot take;
 * -ERANGE: an index outside its table; -ENOMEM. */
int hone_operator_run(const char *name, const struct hone_tensor *operands, uint32_t operand_count,
                      const struct hone_tensor *output,
                      const struct hone_operator_attribute *attributes, uint32_t attribute_count);

/* Use another product of matrices, such as a BLAS: c [m, n] = a [m, k] b [k, n]. NULL: the
 * library's own. Before the first call. */
void hone_operator_use_product(void (*product)(int64_t m, int64_t n, int64_t k, const float *a,
                                               const float *b, float *c));

#ifdef __cplusplus
}
#endif
#endif
