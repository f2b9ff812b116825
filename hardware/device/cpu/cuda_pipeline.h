/* cuda_pipeline.h - asynchronous copies from global to shared memory: copies.h. */
#ifndef HONE_DEVICE_PIPELINE_H
#define HONE_DEVICE_PIPELINE_H

HONE_INLINE void __pipeline_memcpy_async(void *__restrict__ to, const void *__restrict__ from,
                                         size_t size, size_t zero_filled = 0,
                                         unsigned line = __builtin_LINE()) {
    if ((size != 4 && size != 8 && size != 16) || zero_filled > size)
        __builtin_trap(); /* as CUDA asserts */
    const unsigned bytes = (unsigned)size;
    hone_copy_begin({(char *)to, (const char *)from, bytes, bytes, (unsigned)zero_filled, bytes, 0},
                    line);
}
HONE_INLINE void __pipeline_commit() {
    hone_copy_commit();
}
HONE_INLINE void __pipeline_wait_prior(size_t groups, unsigned line = __builtin_LINE()) {
    hone_copy_wait(groups, line);
}

#endif
