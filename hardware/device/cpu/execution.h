/* execution.h - threads, blocks, warps and shared memory of CUDA on one core.
 *
 * Included after the vector types (uint3, dim3). Two builds: with HONE_LOOP the threads of a block
 * are the turns of a loop, and whatever would wait is an error; else they are fibers (runtime.h).
 * HONE_CHECKING is the build with instrumented memory accesses, in which nothing of ours is.
 */
#ifndef HONE_DEVICE_CPU_EXECUTION_H
#define HONE_DEVICE_CPU_EXECUTION_H

#include "runtime.h"

/* Every byte of shared memory lies in the segment of thread-local variables, whose size and place
 * are known. g++ must know that nothing runs to initialise it. */
#ifdef HONE_CLANG
#define __shared__ thread_local
#else
#define __shared__ __constinit thread_local
#endif

#ifdef HONE_CHECKING
#define HONE_DEVICE static __attribute__((noinline, no_sanitize("thread")))
#define HONE_DEVICE_TEMPLATE __attribute__((noinline, no_sanitize("thread")))
#else
#define HONE_DEVICE static inline __attribute__((always_inline))
#define HONE_DEVICE_TEMPLATE inline __attribute__((always_inline))
#endif
#define HONE_LINE unsigned line = __builtin_LINE()

static constexpr int warpSize = 32;

#ifdef HONE_LOOP
#include "execution_loop.h"
#else
#include "execution_fibers.h"
#endif

#include "atomics.h"
#include "copies.h"
#include "entry.h"

#endif
