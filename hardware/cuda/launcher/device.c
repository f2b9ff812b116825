#include "hardware/cuda/launcher/launcher.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CANARY_COUNT 65536u
#define CANARY_LIMIT_NS 5000000000u
#define CANARY_BLOCK 256u
#define SWEEP_BYTES_LEAST (64u << 20)
#define CEILING_BYTES (1u << 30) /* or an eighth of the memory */
#define CEILING_ROUNDS 20000u
#define CEILING_RUNS 5
#define CEILING_BLOCK 256u

/* Our own programs, as PTX and a NUL. */
#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n" #name ":\n.incbin \"" file "\"\n.byte 0\n.previous\n");           \
    extern const char name[] __attribute__((visibility("hidden")))
EMBED(hone_kernels_ptx, "hardware/cuda/launcher/kernels.ptx");
EMBED(hone_material_ptx, "hardware/cuda/launcher/material.ptx");
EMBED(hone_ceilings_ptx, "hardware/cuda/launcher/ceilings.ptx");

static int attribute(const struct launcher *launcher, int device, int which) {
    int value = 0;
    return launcher->driver.device_attribute(&value, which, device) ? 0 : value;
}

static int describe(const struct launcher *launcher, int index, int *ordinal,
                    struct hone_launcher_device *device) {
    const struct cuda_driver *driver = &launcher->driver;
    uint8_t uuid[16] = {0};
    size_t bytes = 0;
    *device = (struct hone_launcher_device){
        .memory_bandwidth = NAN, .peak_f32 = NAN, .peak_tf32 = NAN, .peak_bf16 = NAN};
    int result = driver->device_get(ordinal, index);
    result = result ? result : driver->device_name(device->name, sizeof device->name, *ordinal);
    result = result ? result : driver->device_uuid(uuid, *ordinal);
    result = result ? result : driver->device_memory(&bytes, *ordinal);
    if (result)
        return result;
    driver->device_bus(device->bus, sizeof device->bus, *ordinal);
    driver->version(&device->driver);
    for (int i = 0; i < 16; i++)
        snprintf(device->id + 2 * i, 3, "%02x", uuid[i]);
    device->memory_bytes = bytes;
    device->capability = 10 * attribute(launcher, *ordinal, CUDA_CAPABILITY_MAJOR) +
                         attribute(launcher, *ordinal, CUDA_CAPABILITY_MINOR);
    device->sm_count = attribute(launcher, *ordinal, CUDA_SM_COUNT);
    device->warp_size = attribute(launcher, *ordinal, CUDA_WARP_SIZE);
    device->max_shared_bytes = attribute(launcher, *ordinal, CUDA_MAX_SHARED_OPTIN);
    device->l2_bytes = attribute(launcher, *ordinal, CUDA_L2_BYTES);
    device->clock_khz = attribute(launcher, *ordinal, CUDA_CLOCK_RATE);
    device->memory_clock_khz = attribute(launcher, *ordinal, CUDA_MEMORY_CLOCK_RATE);
    device->memory_bus_bits = attribute(launcher, *ordinal, CUDA_MEMORY_BUS_BITS);
    device->has_virtual_memory = attribute(launcher, *ordinal, CUDA_VIRTUAL_MEMORY);
    device->shares_memory = attribute(launcher, *ordinal, CUDA_PAGEABLE_ACCESS);
    return 0;
}

int launcher_probe(struct launcher *launcher, struct hone_launcher_reply *reply) {
    int count = 0;
    int result = launcher->driver.device_count(&count);
    if (result || count <= 0)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_ABSENT, result, "no CUDA device");
    for (int i = 0; i < count && reply->count < HONE_LAUNCHER_DEVICES_MAX; i++) {
        struct hone_launcher_device device;
        int ordinal;
        result = describe(launcher, i, &ordinal, &device);
        if (result)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_ABSENT, result,
                                 "device %d cannot be described", i);
        memcpy(launcher->mail + reply->count++ * sizeof device, &device, sizeof device);
    }
    return 0;
}

static int run_canary(struct launcher *launcher, uint32_t seed, uint64_t out) {
    const struct cuda_driver *driver = &launcher->driver;
    uint32_t count = CANARY_COUNT;
    void *parameters[] = {&out, &seed, &count};
    const struct cuda_launch launch = {.grid = {CANARY_COUNT / CANARY_BLOCK, 1, 1},
                                       .block = {CANARY_BLOCK, 1, 1},
                                       .stream = launcher->stream};
    int result = driver->fill(out, 0, CANARY_COUNT * sizeof(uint32_t), launcher->stream);
    result = result ? result : driver->launch(&launch, launcher->canary, parameters, NULL);
    return result ? result : driver->event_record(launcher->events[EVENT_END], launcher->stream);
}

/* A device that has just lost a process may still be busy with it, or sick: it is used again when a
 * program with a known result gives that result. */
static int sing(struct launcher *launcher, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    uint32_t *got = (uint32_t *)(void *)launcher->scratch, seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint32_t)launcher_now_ns();
    int result = run_canary(launcher, seed, launcher->sweep_memory);
    const uint64_t deadline = launcher_now_ns() + CANARY_LIMIT_NS;
    while (result == 0 &&
           (result = driver->event_query(launcher->events[EVENT_END])) == CUDA_NOT_READY &&
           launcher_now_ns() < deadline)
        result = 0;
    if (result == CUDA_NOT_READY)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                             "the canary program does not end");
    result = result ? result
                    : driver->copy_out(got, launcher->sweep_memory, CANARY_COUNT * sizeof *got,
                                       launcher->stream);
    result = result ? result : driver->stream_wait(launcher->stream);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                             "the canary program failed");
    for (uint32_t i = 0; i < CANARY_COUNT; i++)
        if (got[i] != i * 2654435761u + seed)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "the canary program gives wrong results");
    return 0;
}

struct kernel {
    void **function;
    const char *name;
};

static int load_kernels(struct launcher *launcher) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct kernel ours[] = {{&launcher->nothing, "hone_nothing"},
                                  {&launcher->canary, "hone_canary"},
                                  {&launcher->sweep, "hone_sweep"}},
                        made[] = {{&launcher->fill, "hone_fill"},
                                  {&launcher->look, "hone_look"},
                                  {&launcher->gather, "hone_gather"},
                                  {&launcher->sum, "hone_sum"}};
    void *material = NULL;
    int result = driver->module_load(&launcher->kernels, hone_kernels_ptx);
    for (size_t i = 0; result == 0 && i < sizeof ours / sizeof *ours; i++)
        result = driver->module_function(ours[i].function, launcher->kernels, ours[i].name);
    result = result ? result : driver->module_load(&material, hone_material_ptx);
    for (size_t i = 0; result == 0 && i < sizeof made / sizeof *made; i++)
        result = driver->module_function(made[i].function, material, made[i].name);
    return result;
}

static int make_context(struct launcher *launcher) {
    const struct cuda_driver *driver = &launcher->driver;
    int result = driver->context_create(&launcher->context, CUDA_CONTEXT_SPIN, launcher->ordinal);
    result = result ? result : driver->stream_create(&launcher->stream, CUDA_STREAM_NON_BLOCKING);
    for (int i = 0; i < EVENTS && result == 0; i++)
        result = driver->event_create(&launcher->events[i], 0);
    result = result ? result : load_kernels(launcher);
    if (result)
        return result;
    /* No heap for kernels, nothing kept in the cache: either may not be had on some devices, which
     * then have none. */
    driver->context_limit(CUDA_LIMIT_MALLOC_HEAP, 0);
    driver->context_limit(CUDA_LIMIT_PERSISTING_L2, 0);
    launcher->sweep_bytes = 2 * (uint64_t)launcher->device.l2_bytes;
    if (launcher->sweep_bytes < SWEEP_BYTES_LEAST)
        launcher->sweep_bytes = SWEEP_BYTES_LEAST;
    return driver->memory_alloc(&launcher->sweep_memory, launcher->sweep_bytes);
}

int launcher_open(struct launcher *launcher, uint32_t index, struct hone_launcher_reply *reply) {
    if (launcher->context)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "opened twice");
    int result = describe(launcher, (int)index, &launcher->ordinal, &launcher->device);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_ABSENT, result, "no device %u", index);
    launcher->scratch = malloc(HONE_LAUNCHER_SCRATCH);
    launcher->rows = malloc(HONE_LAUNCHER_ROWS_MAX * sizeof *launcher->rows);
    result = launcher->scratch && launcher->rows ? make_context(launcher) : CUDA_OUT_OF_MEMORY;
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no context");
    if (sing(launcher, reply))
        return -1;
    reply->has_records = launcher->tracer != NULL;
    memcpy(reply->note, launcher->tracer_text, sizeof reply->note);
    memcpy(launcher->mail, &launcher->device, sizeof launcher->device);
    return 0;
}

/* The best of a few runs, in seconds; NaN when it cannot be run. */
static double time_best(struct launcher *launcher, void *function, uint32_t blocks,
                        void **parameters) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct cuda_launch launch = {
        .grid = {blocks, 1, 1}, .block = {CEILING_BLOCK, 1, 1}, .stream = launcher->stream};
    float best_ms = INFINITY;
    for (int run = 0; run < CEILING_RUNS; run++) {
        float ms = 0;
        int result = driver->event_record(launcher->events[EVENT_BEGIN], launcher->stream);
        result = result ? result : driver->launch(&launch, function, parameters, NULL);
        result =
            result ? result : driver->event_record(launcher->events[EVENT_END], launcher->stream);
        result = result ? result : driver->stream_wait(launcher->stream);
        result = result ? result
                        : driver->event_elapsed(&ms, launcher->events[EVENT_BEGIN],
                                                launcher->events[EVENT_END]);
        if (result)
            return NAN;
        best_ms = ms < best_ms ? ms : best_ms;
    }
    return best_ms > 0 ? (double)best_ms / 1e3 : NAN;
}

static double measure_bandwidth(struct launcher *launcher) {
    const uint64_t most = launcher->device.memory_bytes / 8;
    uint64_t memory = 0, bytes = CEILING_BYTES < most ? CEILING_BYTES : most;
    uint64_t count = bytes / 16;
    void *parameters[] = {&memory, &count};
    if (launcher->driver.memory_alloc(&memory, bytes))
        return NAN;
    double seconds =
        time_best(launcher, launcher->sweep, 8 * (uint32_t)launcher->device.sm_count, parameters);
    launcher->driver.memory_free(memory);
    return 2.0 * (double)(count * 16) / seconds;
}

static double measure_peak(struct launcher *launcher, void *module, const char *name,
                           double operations_of_warp) {
    const uint32_t blocks = 8 * (uint32_t)launcher->device.sm_count;
    uint32_t rounds = CEILING_ROUNDS;
    void *parameters[] = {&launcher->sweep_memory, &rounds};
    void *function;
    if (launcher->driver.module_function(&function, module, name))
        return NAN;
    const double seconds = time_best(launcher, function, blocks, parameters);
    return operations_of_warp * rounds * blocks * (CEILING_BLOCK / 32) / seconds;
}

int launcher_ceilings(struct launcher *launcher, struct hone_launcher_reply *reply) {
    void *module = NULL;
    struct hone_launcher_device *device = &launcher->device;
    if (!launcher->context)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "not open");
    device->memory_bandwidth = measure_bandwidth(launcher);
    /* Before sm_80 there are none of these instructions. */
    if (launcher->driver.module_load(&module, hone_ceilings_ptx) == 0) {
        device->peak_f32 = measure_peak(launcher, module, "hone_peak_f32", 32 * 8 * 2);
        device->peak_tf32 = measure_peak(launcher, module, "hone_peak_tf32", 4 * 2048);
        device->peak_bf16 = measure_peak(launcher, module, "hone_peak_bf16", 4 * 4096);
        launcher->driver.module_unload(module);
    }
    memcpy(launcher->mail, device, sizeof *device);
    return 0;
}
