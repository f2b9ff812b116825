/* execution.h - one thread of one block of one warp: enough to run what needs no other thread.
 *
 * It stands in for the scheduler's header of the same name, with the same names and signatures. */
#ifndef HONE_DEVICE_EXECUTION_H
#define HONE_DEVICE_EXECUTION_H

#define __shared__ thread_local

/* A test may move on to another lane. */
static uint3 threadIdx = {0, 0, 0}, blockIdx = {0, 0, 0};
static dim3 blockDim(32), gridDim(1);
static const int warpSize = 32;

static inline void __syncthreads() {
}
static inline void __syncwarp(unsigned = ~0u) {
}
static inline void __threadfence() {
}
static inline void __threadfence_block() {
}
static inline void __threadfence_system() {
}
static inline unsigned __activemask() {
    return 1;
}
template <class T> T __shfl_sync(unsigned, T value, int, int = 32) {
    return value;
}
template <class T> T __shfl_up_sync(unsigned, T value, unsigned, int = 32) {
    return value;
}
template <class T> T __shfl_down_sync(unsigned, T value, unsigned, int = 32) {
    return value;
}
template <class T> T __shfl_xor_sync(unsigned, T value, int, int = 32) {
    return value;
}
static inline int __any_sync(unsigned, int predicate) {
    return predicate != 0;
}
static inline int __all_sync(unsigned, int predicate) {
    return predicate != 0;
}
static inline unsigned __ballot_sync(unsigned, int predicate) {
    return predicate != 0;
}
template <class T> unsigned __match_any_sync(unsigned, T) {
    return 1;
}
template <class T> unsigned __match_all_sync(unsigned, T, int *same) {
    *same = 1;
    return 1;
}
/* Copies that are there at once. */
struct hone_copy {
    char *to;
    const char *from;
    unsigned size, piece, zeros, step, group;
};
static inline void hone_copy_begin(hone_copy copy, unsigned) {
    memcpy(copy.to, copy.from, copy.size - copy.zeros);
    memset(copy.to + copy.size - copy.zeros, 0, copy.zeros);
}
static inline void hone_copy_commit() {
}
static inline void hone_copy_wait(unsigned long, unsigned) {
}
template <class T, class V> T atomicAdd(T *at, V value) {
    T old = *at;
    *at = old + (T)value;
    return old;
}
static inline unsigned atomicAdd(unsigned *at, unsigned value) {
    unsigned old = *at;
    *at = old + value;
    return old;
}
static inline unsigned long long atomicMax(unsigned long long *at, unsigned long long value) {
    unsigned long long old = *at;
    *at = old > value ? old : value;
    return old;
}
static inline int atomicCAS(int *at, int compare, int value) {
    int old = *at;
    *at = old == compare ? value : old;
    return old;
}

#endif
