/* operators.h - a library of operators in single precision, for the `op` steps of launch plans.
 *
 * A library is a shared object that exports the functions below; lib/hone-operators.so is the one
 * in plain C. Names, operands and attributes are those of oracle graphs (core/operators). Tensors
 * are compact and row-major: f32, but for indices, which are i32, i64 or u8. Shapes are checked by
 * the caller, who asked the graph's rules for the output's; what values alone tell is checked here.
 * One thread; nothing is kept between calls.
 */
#ifndef HONE_OPERATORS_H
#define HONE_OPERATORS_H

#include "tensor.h"

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
