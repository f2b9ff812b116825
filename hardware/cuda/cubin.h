/* cubin.h - what a cubin says about its kernels: registers, memory, and the parameters they take.
 *
 * A cubin is an ELF file whose .nv.info sections hold these facts; the layout is what NVIDIA's
 * tools (cuobjdump -elf) show. The bytes are untrusted: everything is bounds-checked, and what is
 * not understood is left out, never guessed. Any thread; the facts point into the cubin.
 */
#ifndef HONE_CUDA_CUBIN_H
#define HONE_CUDA_CUBIN_H

#include <stdbool.h>
#include <stdint.h>

#define HONE_CUBIN_KERNELS_MAX 64
#define HONE_CUBIN_PARAMETERS_MAX 128

struct hone_cubin_parameter {
    uint32_t offset, bytes;
    bool known;
};

struct hone_cubin_kernel {
    const char *name;      /* of its symbol, NUL-terminated */
    uint32_t registers;    /* of a thread */
    uint32_t shared_bytes; /* static, of a block; without what the system reserves */
    uint32_t local_bytes;  /* of a thread's stack: spilled registers and arrays */
    uint32_t max_threads;  /* of a block, by __launch_bounds__; 0: none given */
    uint32_t parameter_count;
    uint32_t parameter_bytes;
    struct hone_cubin_parameter parameters[HONE_CUBIN_PARAMETERS_MAX];
};

struct hone_cubin {
    uint64_t global_bytes;   /* of the module's variables */
    uint64_t constant_bytes; /* of its __constant__ ones */
    uint32_t kernel_count;
    struct hone_cubin_kernel kernels[HONE_CUBIN_KERNELS_MAX];
};

/* NULL, or why the bytes are no cubin. Big: keep `cubin` on the heap. */
const char *hone_cubin_read(const void *bytes, uint64_t size, struct hone_cubin *cubin);

/* NULL when there is no such kernel. */
const struct hone_cubin_kernel *hone_cubin_find(const struct hone_cubin *cubin, const char *name);

#endif
