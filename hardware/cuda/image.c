#include "hardware/cuda/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64u

_Static_assert(sizeof(struct hone_cuda_image_header) == 64, "the image's header");

bool hone_cuda_arch_is_valid(const char *arch) {
    const char *digits = arch + 3;
    if (strncmp(arch, "sm_", 3) != 0)
        return false;
    size_t count = strspn(digits, "0123456789");
    const char *rest = digits + count;
    return count >= 2 && count <= 3 && (!*rest || ((*rest == 'a' || *rest == 'f') && !rest[1]));
}

void *hone_cuda_image_make(const char *arch, const void *cubin, uint64_t cubin_bytes,
                           const char *ptx, uint64_t ptx_bytes, uint64_t *bytes) {
    const uint64_t ptx_offset = sizeof(struct hone_cuda_image_header) +
                                (cubin_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct hone_cuda_image_header header = {
        .magic = HONE_CUDA_IMAGE_MAGIC,
        .version = HONE_CUDA_IMAGE_VERSION,
        .bytes = sizeof header,
        .cubin_offset = sizeof header,
        .cubin_bytes = cubin_bytes,
        .ptx_offset = ptx_offset,
        .ptx_bytes = ptx_bytes,
    };
    *bytes = ptx_offset + ptx_bytes + 1;
    char *block = calloc(1, *bytes);
    if (!block)
        return NULL;
    snprintf(header.arch, sizeof header.arch, "%s", arch);
    memcpy(block, &header, sizeof header);
    if (cubin_bytes)
        memcpy(block + header.cubin_offset, cubin, cubin_bytes);
    memcpy(block + ptx_offset, ptx, ptx_bytes);
    return block;
}

static bool lies_within(uint64_t offset, uint64_t count, uint64_t bytes) {
    return offset <= bytes && count <= bytes - offset;
}

const char *hone_cuda_image_open(const void *block, uint64_t bytes, struct hone_cuda_image *image) {
    struct hone_cuda_image_header header;
    *image = (struct hone_cuda_image){0};
    if (bytes < sizeof header)
        return "it is shorter than its header";
    memcpy(&header, block, sizeof header);
    if (header.magic != HONE_CUDA_IMAGE_MAGIC)
        return "it does not begin as one";
    if (header.version != HONE_CUDA_IMAGE_VERSION || header.bytes != sizeof header)
        return "it is of another version";
    if (!memchr(header.arch, '\0', sizeof header.arch) || !hone_cuda_arch_is_valid(header.arch))
        return "it names no architecture";
    if (!lies_within(header.cubin_offset, header.cubin_bytes, bytes))
        return "its cubin lies outside it";
    if (header.ptx_bytes >= bytes || !lies_within(header.ptx_offset, header.ptx_bytes + 1, bytes))
        return "its PTX lies outside it";
    const char *base = block;
    *image = (struct hone_cuda_image){
        .arch = base + offsetof(struct hone_cuda_image_header, arch),
        .cubin = header.cubin_bytes ? base + header.cubin_offset : NULL,
        .cubin_bytes = header.cubin_bytes,
        .ptx = base + header.ptx_offset,
        .ptx_bytes = header.ptx_bytes,
    };
    if (memchr(image->ptx, '\0', image->ptx_bytes) || image->ptx[image->ptx_bytes]) {
        *image = (struct hone_cuda_image){0};
        return "its PTX is no text";
    }
    return NULL;
}
