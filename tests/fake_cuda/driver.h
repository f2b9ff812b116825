/* driver.h - what the files of the driver share: driver.c has devices and programs, memory.c their
 * memory, stream.c what is queued. */
#ifndef HONE_TESTS_FAKE_CUDA_DRIVER_H
#define HONE_TESTS_FAKE_CUDA_DRIVER_H

#include "hardware/cuda/launcher/driver.h"
#include "tests/fake_cuda/fake.h"

#define API __attribute__((visibility("default")))

#define DECLARE(name, symbol, parameters) API int symbol parameters;
HONE_CUDA_CALLS(DECLARE)
#undef DECLARE
API int cuFuncGetParamInfo(void *function, size_t index, size_t *offset, size_t *bytes);

enum {
    GOOD = 0,
    INVALID = CUDA_INVALID_VALUE,
    NO_MEMORY = CUDA_OUT_OF_MEMORY,
    NO_DEVICE = CUDA_NO_DEVICE,
    NO_BINARY = 209,
    NOT_FOUND = 500,
    NOT_READY = CUDA_NOT_READY,
    ILLEGAL_ADDRESS = CUDA_ILLEGAL_ADDRESS,
    UNSUPPORTED = 801,
};

/* stream.c: the error that stays; GOOD: nothing has failed yet. */
int fake_failed(void);

#endif
