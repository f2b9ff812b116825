#include "tests/fake_cuda/driver.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GRANULARITY 65536u
#define UPLOAD_MOST (5u << 18) /* of who is to make the rest himself */

API int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    size_t *memory =
        mmap(NULL, bytes + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NO_MEMORY;
    memory[0] = bytes + 4096;
    *address = (uint64_t)(uintptr_t)memory + 4096;
    return GOOD;
}

API int cuMemFree_v2(uint64_t address) {
    size_t *memory = (size_t *)(uintptr_t)(address - 4096);
    return munmap(memory, memory[0]) ? INVALID : GOOD;
}

API int cuMemGetAllocationGranularity(size_t *bytes, const struct cuda_memory *memory, int option) {
    (void)memory;
    (void)option;
    *bytes = GRANULARITY;
    return GOOD;
}

API int cuMemAddressReserve(uint64_t *address, size_t bytes, size_t alignment, uint64_t wish,
                            unsigned long long flags) {
    (void)alignment;
    (void)wish;
    (void)flags;
    void *place = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *address = (uint64_t)(uintptr_t)place;
    return place == MAP_FAILED ? NO_MEMORY : GOOD;
}

API int cuMemAddressFree(uint64_t address, size_t bytes) {
    return munmap((void *)(uintptr_t)address, bytes) ? INVALID : GOOD;
}

API int cuMemCreate(uint64_t *handle, size_t bytes, const struct cuda_memory *memory,
                    unsigned long long flags) {
    (void)memory;
    (void)flags;
    int fd = memfd_create("fake-device", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)bytes))
        return NO_MEMORY;
    *handle = (uint64_t)fd;
    return bytes % GRANULARITY ? INVALID : GOOD;
}

API int cuMemRelease(uint64_t handle) {
    return close((int)handle) ? INVALID : GOOD;
}

API int cuMemMap(uint64_t address, size_t bytes, size_t offset, uint64_t handle,
                 unsigned long long flags) {
    (void)flags;
    void *place = mmap((void *)(uintptr_t)address, bytes, PROT_NONE, MAP_SHARED | MAP_FIXED,
                       (int)handle, (off_t)offset);
    return place == MAP_FAILED ? NO_MEMORY : GOOD;
}

API int cuMemUnmap(uint64_t address, size_t bytes) {
    void *place = mmap((void *)(uintptr_t)address, bytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return place == MAP_FAILED ? INVALID : GOOD;
}

API int cuMemSetAccess(uint64_t address, size_t bytes, const struct cuda_access *access,
                       size_t count) {
    const int flags = access->flags;
    if (flags == 1 && fake_is("read_write"))
        return UNSUPPORTED;
    const int protection = flags == 3 ? PROT_READ | PROT_WRITE : flags == 1 ? PROT_READ : PROT_NONE;
    return count != 1 || mprotect((void *)(uintptr_t)address, bytes, protection) ? INVALID : GOOD;
}

API int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
    (void)stream;
    if (bytes > UPLOAD_MOST && fake_is("no_uploads"))
        return INVALID;
    if (!fake_failed())
        memcpy((void *)(uintptr_t)to, from, bytes);
    return fake_failed();
}

API int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
    (void)stream;
    if (!fake_failed())
        memcpy(to, (const void *)(uintptr_t)from, bytes);
    return fake_failed();
}

API int cuMemsetD8Async(uint64_t to, unsigned char value, size_t count, void *stream) {
    (void)stream;
    if (!fake_failed())
        memset((void *)(uintptr_t)to, value, count);
    return fake_failed();
}
