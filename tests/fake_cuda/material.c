/* The kernels of material.cu, by a C compiler: one thread after another. */
#include "tests/fake_cuda/fake.h"

static struct { uint64_t thread, threads; } running;

#define KERNEL static void
#define DEVICE static inline
#define THREAD running.thread
#define THREADS running.threads
#define ADD(at, value) (*(at) += (value))
#define LOWER(at, value) (*(at) = (value) < *(at) ? (value) : *(at))
#define RAISE(at, value) (*(at) = (value) > *(at) ? (value) : *(at))
#define ADD_REAL(at, value) (*(at) += (value))
/* A warp is one thread here. */
#define OF_WARP(value, by) ((void)(by), 0.0)
#define LANES 1u

#include "hardware/cuda/launcher/material.cu"

#define ARGUMENT(type, index) ((type)(uintptr_t)(*(const uint64_t *)parameters[index]))

static uint64_t told;

uint64_t fake_told(void) {
    return told;
}

#define RUN(name, call)                                                                            \
    void fake_##name(void *const *parameters, const uint32_t grid[3], const uint32_t block[3]) {   \
        told = *(const uint64_t *)parameters[0];                                                   \
        running.threads = (uint64_t)grid[0] * block[0];                                            \
        for (running.thread = 0; running.thread < running.threads; running.thread++)               \
            call;                                                                                  \
    }

RUN(fill, hone_fill(ARGUMENT(const struct hone_material *, 0)))
RUN(look, hone_look(ARGUMENT(struct hone_launcher_look *, 0)))
RUN(gather, hone_gather(ARGUMENT(const struct hone_launcher_look *, 0), ARGUMENT(uint8_t *, 1)))
RUN(sum, hone_sum(ARGUMENT(const struct hone_launcher_look *, 0), ARGUMENT(uint8_t *, 1)))
