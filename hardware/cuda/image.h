/* image.h - what a compilation for a GPU leaves, for whoever loads or inspects it: PTX, and the
 * machine code (a cubin) that was made of that very text, in one block.
 *
 * A header, then the two at their offsets; the PTX ends with a NUL that its size does not count.
 * Without a cubin the PTX is what the driver is to load. Both come out of jails, so they are
 * untrusted: read a cubin with cubin.h. Integers are little-endian. No state; any thread.
 */
#ifndef HONE_CUDA_IMAGE_H
#define HONE_CUDA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HONE_CUDA_IMAGE_MAGIC 0x65676d4965656e6full
#define HONE_CUDA_IMAGE_VERSION 2
#define HONE_CUDA_ARCH_SIZE 16

struct hone_cuda_image_header {
    uint64_t magic;
    uint32_t version;
    uint32_t bytes;                     /* of this header */
    char arch[HONE_CUDA_ARCH_SIZE];     /* "sm_90", with a NUL */
    uint64_t cubin_offset, cubin_bytes; /* 0 bytes: there is none */
    uint64_t ptx_offset, ptx_bytes;
};

/* Points into the block that was opened. */
struct hone_cuda_image {
    const char *arch;
    const void *cubin; /* NULL: there is none */
    uint64_t cubin_bytes;
    const char *ptx;
    uint64_t ptx_bytes;
};

/* "sm_90", "sm_90a": what this tree takes for the name of an architecture. */
bool hone_cuda_arch_is_valid(const char *arch);

/* The two as one block, malloc()ed; NULL: no memory. `ptx` has a NUL behind it. */
void *hone_cuda_image_make(const char *arch, const void *cubin, uint64_t cubin_bytes,
                           const char *ptx, uint64_t ptx_bytes, uint64_t *bytes);

/* NULL, or why the block is no image. */
const char *hone_cuda_image_open(const void *block, uint64_t bytes, struct hone_cuda_image *image);

#endif
