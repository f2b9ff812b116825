/* kernels.h - how a kernel is written that this processor runs instead of a device. */
#ifndef HONE_TESTS_FAKE_CUDA_KERNELS_H
#define HONE_TESTS_FAKE_CUDA_KERNELS_H

#include "tests/fake_cuda/fake.h"

#define VALUE(type, index) (*(const type *)parameters[index])
#define KERNEL(name)                                                                               \
    static void name(void *const *parameters, const uint32_t grid[3], const uint32_t block[3])
#define UNUSED (void)parameters, (void)grid, (void)block

#endif
