/* The launcher's own kernels, those of its tests, and tests/gpu's. */
#include "tests/fake_cuda/kernels.h"

#include "plugins/material.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

KERNEL(nothing) {
    UNUSED;
}

KERNEL(canary) {
    UNUSED;
    uint32_t *out = (uint32_t *)VALUE(uint64_t, 0);
    for (uint32_t i = 0; i < VALUE(uint32_t, 2); i++)
        out[i] = i * 2654435761u + VALUE(uint32_t, 1) + fake_is("sick");
}

static uint32_t *swept;

/* A part of it: that it is called is what matters. */
KERNEL(sweep) {
    UNUSED;
    uint32_t *memory = (uint32_t *)VALUE(uint64_t, 0);
    memory[0]++;
    swept = memory;
}

/* pass_on(y): what the program before left in the launcher's own memory, and something for the
 * next one. Where that memory lies, a kernel on a device would have to guess. */
KERNEL(pass_on) {
    UNUSED;
    uint32_t *y = (uint32_t *)VALUE(uint64_t, 0);
    uint32_t *beside = (uint32_t *)fake_told() + sizeof(struct hone_material) / sizeof(uint32_t);
    y[0] = swept[1];
    y[1] = *beside;
    swept[1] = *beside = 42;
}

/* scale(x, y, n, a) */
KERNEL(scale) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0);
    float *y = (float *)VALUE(uint64_t, 1);
    for (int64_t i = 0; i < VALUE(int64_t, 2); i++)
        y[i] = VALUE(float, 3) * x[i];
}

/* add_int(y, n, v): v is an int */
KERNEL(add_int) {
    UNUSED;
    float *y = (float *)VALUE(uint64_t, 0);
    for (int64_t i = 0; i < VALUE(int64_t, 1); i++)
        y[i] += (float)VALUE(int32_t, 2);
}

KERNEL(write_input) {
    UNUSED;
    ((volatile float *)VALUE(uint64_t, 0))[1] += 1;
}

/* write_at(y, offset): a byte that may lie beyond y */
KERNEL(write_at) {
    UNUSED;
    *((volatile uint8_t *)VALUE(uint64_t, 0) + VALUE(int64_t, 1)) ^= 0xff;
}

KERNEL(shape) {
    uint32_t *out = (uint32_t *)VALUE(uint64_t, 0);
    memcpy(out, grid, 3 * sizeof *out);
    memcpy(out + 3, block, 3 * sizeof *out);
}

/* spin(y, ns): as long as that, so that there is something to lie about */
KERNEL(spin) {
    UNUSED;
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec <
           VALUE(int64_t, 1));
}

/* tasks/algebra/axpby/naive.cu */
KERNEL(axpby) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0), *y = (const float *)VALUE(uint64_t, 1);
    const float a = VALUE(float, 2), b = VALUE(float, 3);
    float *out = (float *)VALUE(uint64_t, 4);
    for (int64_t i = 0; i < VALUE(int64_t, 5); i++)
        out[i] = a * x[i] + b * y[i];
}

/* tests/gpu: what each does beside, or instead of, axpby. */

KERNEL(wrong) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0), *y = (const float *)VALUE(uint64_t, 1);
    float *out = (float *)VALUE(uint64_t, 4);
    for (int64_t i = 0; i < VALUE(int64_t, 5); i++)
        out[i] = VALUE(float, 2) * x[i] - VALUE(float, 3) * y[i];
}

KERNEL(poison_reader) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0), *y = (const float *)VALUE(uint64_t, 1);
    float *out = (float *)VALUE(uint64_t, 4);
    for (int64_t i = 0; i < VALUE(int64_t, 5); i++)
        if (isnan(out[i]))
            out[i] = VALUE(float, 2) * x[i] + VALUE(float, 3) * y[i];
}

KERNEL(before_output) {
    axpby(parameters, grid, block);
    ((volatile float *)VALUE(uint64_t, 4))[-2048] = 1;
}

KERNEL(beyond_output) {
    axpby(parameters, grid, block);
    ((volatile float *)VALUE(uint64_t, 4))[VALUE(int64_t, 5) + 4096] = 1;
}

KERNEL(illegal_address) {
    UNUSED;
    static volatile uintptr_t nowhere = 0x10;
    *(volatile float *)nowhere = 1;
}

/* What a device does not do, and this processor would. */
KERNEL(fault) {
    UNUSED;
    raise(SIGBUS);
}

KERNEL(write_first) {
    axpby(parameters, grid, block);
    *(volatile float *)VALUE(uint64_t, 0) = 1;
}

/* Right on sizes of a CPU, and on larger ones what follows. */
#define LARGE 300000

KERNEL(large_wrong) {
    (VALUE(int64_t, 5) > LARGE ? wrong : axpby)(parameters, grid, block);
}

KERNEL(large_nothing) {
    (VALUE(int64_t, 5) > LARGE ? nothing : axpby)(parameters, grid, block);
}

KERNEL(large_nan) {
    axpby(parameters, grid, block);
    if (VALUE(int64_t, 5) > LARGE)
        ((float *)VALUE(uint64_t, 4))[LARGE + 7] = NAN;
}

KERNEL(large_one) {
    axpby(parameters, grid, block);
    if (VALUE(int64_t, 5) > LARGE)
        ((float *)VALUE(uint64_t, 4))[LARGE + 7] += 1000;
}

KERNEL(large_before) {
    axpby(parameters, grid, block);
    if (VALUE(int64_t, 5) > LARGE)
        ((volatile float *)VALUE(uint64_t, 4))[-3] = 1;
}

/* two_scale(x, a, out, n) */
KERNEL(two_scale) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0);
    float *out = (float *)VALUE(uint64_t, 2);
    for (int64_t i = 0; i < VALUE(int64_t, 3); i++)
        out[i] = VALUE(float, 1) * x[i];
}

/* two_add(y, b, out, n) */
KERNEL(two_add) {
    UNUSED;
    const float *y = (const float *)VALUE(uint64_t, 0);
    float *out = (float *)VALUE(uint64_t, 2);
    for (int64_t i = 0; i < VALUE(int64_t, 3); i++)
        out[i] += VALUE(float, 1) * y[i];
}

/* What no device lets a kernel do, for the detectors: results that change from call to call ... */
KERNEL(unsteady) {
    static uint32_t calls;
    float *out = (float *)VALUE(uint64_t, 4);
    axpby(parameters, grid, block);
    calls++;
    for (int64_t i = 0; VALUE(int64_t, 5) > 300000 && i < 64; i++)
        out[i] *= 1 + 8e-6f * (float)(calls % 2);
}

/* ... and one that is done sooner where it has seen the input before. */
static uint64_t seen[4096];

void fake_kernels_forget(void) {
    memset(seen, 0, sizeof seen);
}

KERNEL(remembers) {
    static const uint64_t nowhere = 0, ns = 1000000;
    void *const a_while[] = {(void *)(uintptr_t)&nowhere, (void *)(uintptr_t)&ns};
    const uint8_t *x = (const uint8_t *)VALUE(uint64_t, 0);
    uint64_t hash = (uint64_t)VALUE(int64_t, 5);
    for (size_t i = 0; i < sizeof(float); i++)
        hash = (hash ^ x[i]) * 0x100000001b3u;
    axpby(parameters, grid, block);
    if (seen[hash % 4096] != hash)
        spin(a_while, grid, block);
    seen[hash % 4096] = hash;
}

/* Known by its name: it is never done. */
KERNEL(hang) {
    UNUSED;
}

static const struct fake_kernel kernels[] = {
    {"hone_nothing", "", nothing},
    {"hone_canary", "844", canary},
    {"hone_sweep", "88", sweep},
    {"hone_fill", "8", fake_fill},
    {"hone_look", "8", fake_look},
    {"hone_gather", "88", fake_gather},
    {"hone_sum", "88", fake_sum},
    {"hone_peak_f32", "84", nothing},
    {"hone_peak_tf32", "84", nothing},
    {"hone_peak_bf16", "84", nothing},
    {"scale", "8884", scale},
    {"add_int", "884", add_int},
    {"write_input", "8", write_input},
    {"write_at", "88", write_at},
    {"shape", "8", shape},
    {"pass_on", "8", pass_on},
    {"hang", "", hang},
    {"spin", "88", spin},
    {"axpby", "884488", axpby},
    {"solve_right", "884488", axpby},
    {"solve_grid_stride", "884488", axpby},
    {"solve_wrong", "884488", wrong},
    {"large_wrong", "884488", large_wrong},
    {"large_nothing", "884488", large_nothing},
    {"large_nan", "884488", large_nan},
    {"large_one", "884488", large_one},
    {"large_before", "884488", large_before},
    {"solve_nothing", "884488", nothing},
    {"solve_poison_reader", "884488", poison_reader},
    {"solve_before_output", "884488", before_output},
    {"solve_beyond_output", "884488", beyond_output},
    {"solve_illegal_address", "884488", illegal_address},
    {"solve_misaligned", "884488", fault},
    {"solve_trap", "884488", fault},
    {"solve_write_input", "884488", write_first},
    {"solve_hang", "884488", hang},
    {"solve_unseen", "884488", axpby},
    {"solve_unsteady", "884488", unsteady},
    {"solve_remembers", "884488", remembers},
    {"two_scale", "8488", two_scale},
    {"two_add", "8488", two_add},
};

const struct fake_kernel *fake_kernel_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        if (strlen(kernels[i].name) == length && !memcmp(kernels[i].name, name, length))
            return &kernels[i];
    const struct fake_kernel *task = fake_task_find(name, length);
    return task ? task : fake_operator_find(name, length);
}
