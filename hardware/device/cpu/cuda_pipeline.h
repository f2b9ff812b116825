/* cuda_pipeline.h - asynchronous copies from global to shared memory: plain ones, made at once. */
#ifndef HONE_DEVICE_PIPELINE_H
#define HONE_DEVICE_PIPELINE_H

HONE_INLINE void __pipeline_memcpy_async(void *__restrict__ to, const void *__restrict__ from,
                                         size_t size, size_t zero_filled = 0) {
    if ((size != 4 && size != 8 && size != 16) || zero_filled > size)
        __builtin_trap(); /* as CUDA asserts */
    memcpy(to, from, size - zero_filled);
    memset((char *)to + (size - zero_filled), 0, zero_filled);
}
HONE_INLINE void __pipeline_commit() {
}
HONE_INLINE void __pipeline_wait_prior(size_t) {
}

#endif
