/* measure_fixture.h - a device that is not there, and a task and a meter to measure on it.
 *
 * A program is a C function of ours, called in this process on the arenas mapped where a
 * candidate's process would have them, and it takes the time that it says. Everything is static:
 * each test file has its own.
 */
#ifndef HONE_TESTS_MEASURE_FIXTURE_H
#define HONE_TESTS_MEASURE_FIXTURE_H

#include "core/measure_internal.h"

#include "core/error.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BUSY 4

struct program {
    void (*solve)(const uint64_t *words);
    double ns;       /* of one call */
    double again_ns; /* of one on inputs that the process was shown before; 0: the same */
    double jitter;   /* relative, of every go */
    double bias;     /* relative, drawn for each process */
    double stall;    /* this share of goes is interrupted for 1 ms: wall, not CPU */
    uint32_t status; /* enum hone_go_status, from the call `fails_at` of a process on */
    uint32_t fails_at;
    uint64_t fails_after_cpu_ns;
    int signal, code;
    int fault_argument; /* the word the fault address is relative to */
    int64_t fault_offset;
    bool write_fault;
    const char *text;     /* of the failure */
    uint32_t kernels;     /* that a profile shows; past the capacity: it crashes */
    bool fails_to_start;
    bool breaks_outputs; /* writes past the end of its output */
};

struct process {
    const struct program *program;
    struct hone_region *regions;
    uint32_t region_count, goes;
    double factor;
    uint64_t seen[512];
    uint32_t seen_count;
};

static struct {
    uint64_t random;
    uint32_t regions_most; /* of one process */
    uint32_t profiles;
    bool wants_profile; /* of the next measurements */
    uint64_t words_most;   /* of one go */
    uint32_t started, stopped, runners, closed, calls;
    const struct program *operators; /* what runs with HONE_PROCESS_OPERATORS */
    uint32_t with_operators;         /* processes that did */
    const void *library_program;     /* the one that shall run with HONE_PROCESS_LIBRARY */
    uint32_t with_library, mistaken; /* processes that did; those for which it was not so */
    bool saw_again;                  /* a process was shown the same inputs twice */
    bool inputs_differ_in_pair;
    uint64_t order_seeds[64]; /* of goes of threads in random order */
    uint32_t ordered;
    uint32_t busy_goes; /* so many goes take BUSY times as long, then so many do not; 0: none do */
    uint32_t clocked;   /* goes that this went by */
    char order[4096]; /* which program each go was of */
    uint32_t goes;
} device;

static double noise(void) { /* about normal, deviation 1 */
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        device.random = device.random * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(device.random >> 11) * 0x1p-53;
    }
    return sum - 6;
}

static int describe(void *self, uint32_t index, struct hone_device *description) {
    (void)self;
    (void)index;
    *description = (struct hone_device){.size = description->size,
                                        .measuring_cpu = -1,
                                        .id = "fake",
                                        .clock_hz = 1e9,
                                        .memory_bandwidth = 8e9,
                                        .peak_flops = NAN};
    description->peak_flops = 1e12;
    return 0;
}

static int runner_open(void *self, uint32_t index, void **runner, struct hone_error *error) {
    (void)self;
    (void)index;
    (void)error;
    device.runners++;
    *runner = &device;
    return 0;
}

static void runner_close(void *runner) {
    (void)runner;
    device.closed++;
}

static int process_start(void *runner, const struct hone_process_request *request, void **out,
                         struct hone_go_result *started) {
    (void)runner;
    const bool operators = request->flags & HONE_PROCESS_OPERATORS;
    const struct program *program = operators ? device.operators : request->image;
    cr_assert(eq(int, operators, request->image_bytes == 0));
    device.with_operators += operators;
    started->status = program->fails_to_start ? program->status : HONE_GO_DONE;
    if (program->fails_to_start) {
        snprintf(started->text, sizeof started->text, "unlink");
        return 0;
    }
    struct process *process = calloc(1, sizeof *process);
    process->program = program;
    process->region_count = request->region_count;
    process->regions = calloc(request->region_count, sizeof *process->regions);
    memcpy(process->regions, request->regions, request->region_count * sizeof *process->regions);
    process->factor = 1 + program->bias * noise();
    device.started++;
    const bool with_library = request->flags & HONE_PROCESS_LIBRARY;
    device.with_library += with_library;
    device.mistaken += with_library != (program == device.library_program);
    if (device.regions_most < request->region_count)
        device.regions_most = request->region_count;
    *out = process;
    return 0;
}

static void map_regions(const struct process *process) {
    for (uint32_t i = 0; i < process->region_count; i++) {
        const struct hone_region *region = &process->regions[i];
        void *wanted = (void *)(uintptr_t)region->address;
        void *got = mmap(wanted, region->bytes, PROT_READ | (region->writable ? PROT_WRITE : 0),
                         MAP_SHARED | MAP_FIXED_NOREPLACE, region->fd, (off_t)region->offset);
        cr_assert(eq(ptr, got, wanted));
    }
}

static void unmap_regions(const struct process *process) {
    for (uint32_t i = 0; i < process->region_count; i++)
        munmap((void *)(uintptr_t)process->regions[i].address, process->regions[i].bytes);
}

/* The first input stands for all. */
static bool remember_inputs(struct process *process, const uint64_t *words) {
    uint64_t bits = 0;
    bool again = false;
    memcpy(&bits, (const void *)(uintptr_t)words[0], 8);
    for (uint32_t i = 0; i < process->seen_count; i++)
        again |= process->seen[i] == bits;
    device.saw_again |= again;
    if (process->seen_count < 512)
        process->seen[process->seen_count++] = bits;
    return again;
}

static int process_go(void *self, const struct hone_go *go, struct hone_go_result *result) {
    struct process *process = self;
    const struct program *program = process->program;
    result->status = HONE_GO_DONE;
    if (go->count == 0) /* costs nothing here */
        return 0;
    if (device.goes < sizeof device.order)
        device.order[device.goes++] = program->ns > 1e5 ? 'b' : 'c';
    if (device.words_most < (uint64_t)go->count * go->word_count)
        device.words_most = (uint64_t)go->count * go->word_count;
    if (go->order == HONE_ORDER_RANDOM && device.ordered < 64)
        device.order_seeds[device.ordered++] = go->order_seed;
    bool again = false;
    map_regions(process);
    for (uint32_t call = 0; call < go->count; call++) {
        const uint64_t *words = go->words + call * go->word_count;
        if (go->word_count == 4) /* without a plan */
            again = remember_inputs(process, words);
        device.calls++;
        if (program->solve)
            program->solve(words);
    }
    unmap_regions(process);
    if (process->goes++ >= program->fails_at && program->status) {
        result->status = program->status;
        result->cpu_ns = program->fails_after_cpu_ns;
        result->signal = program->signal;
        result->code = program->code;
        result->address = go->words[program->fault_argument] + (uint64_t)program->fault_offset;
        result->write_fault = program->write_fault;
        if (program->status == HONE_GO_FORBIDDEN)
            snprintf(result->text, sizeof result->text, "openat");
        if (program->text)
            snprintf(result->text, sizeof result->text, "%s", program->text);
        return 0;
    }
    double ns = (again && program->again_ns > 0 ? program->again_ns : program->ns) * process->factor * (1 + program->jitter * noise()) * go->count;
    if (device.busy_goes && device.clocked++ / device.busy_goes % 2)
        ns *= BUSY;
    result->cpu_ns = (uint64_t)ns;
    result->wall_ns = result->cpu_ns + (fabs(noise()) < program->stall ? 1000000 : 0);
    return 0;
}

static void process_stop(void *self) {
    struct process *process = self;
    device.stopped++;
    free(process->regions);
    free(process);
}

static int profile(void *self, const struct hone_go *go, struct hone_profile *out,
                   struct hone_go_result *done) {
    const struct process *process = self;
    done->status = HONE_GO_DONE;
    device.profiles++;
    cr_expect(eq(u32, go->count, 1));
    if (process->program->kernels > out->row_capacity) {
        done->status = HONE_GO_CRASHED;
        snprintf(done->text, sizeof done->text, "a fault");
        return 0;
    }
    out->row_count = process->program->kernels;
    for (uint32_t i = 0; i < out->row_count; i++) {
        snprintf(out->rows[i].name, sizeof out->rows[i].name, "kernel%u", i);
        out->rows[i].plan_step = i;
    }
    return 0;
}

static const struct hone_hardware_ops fake_ops = {
    .size = sizeof fake_ops,
    .describe = describe,
    .runner_open = runner_open,
    .runner_close = runner_close,
    .process_start = process_start,
    .process_go = process_go,
    .process_stop = process_stop,
    .profile = profile,
};
static const struct hone_plugin fake_plugin = {.abi = HONE_PLUGIN_ABI,
                                               .size = sizeof fake_plugin,
                                               .kind = HONE_HARDWARE,
                                               .hardware = &fake_ops};

/* The task: y = a x + 1; words: x, y, a, n. */
static void solve_right(const uint64_t *words) {
    const float *x = (const void *)(uintptr_t)words[0];
    float *y = (void *)(uintptr_t)words[1], a;
    memcpy(&a, &words[2], sizeof a);
    for (uint64_t i = 0; i < words[3]; i++)
        y[i] = a * x[i] + 1;
}

static void solve_without_tail(const uint64_t *words) {
    uint64_t shorter[4] = {words[0], words[1], words[2], words[3] / 4 * 4};
    solve_right(shorter);
}

static inline void solve_small_only(const uint64_t *words) {
    if (words[3] > 1000)
        solve_without_tail(words);
    else
        solve_right(words);
}

static int fill(void *context, const struct hone_task *task, const struct hone_workload *workload,
                uint64_t seed, int memory, struct hone_error *error) {
    (void)error;
    struct hone_set_layout layout;
    hone_set_layout(task, workload, &layout);
    uint8_t *base = mmap(NULL, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (base == MAP_FAILED)
        return -errno;
    float *x = (float *)(base + layout.input_offset[0]);
    double *y = (double *)(base + layout.oracle_offset[1]);
    const int64_t changed = workload->changed ? layout.count[0] / 2 : -1;
    for (int64_t i = 0; i < layout.count[0]; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)((double)(int64_t)seed * 0x1p-62);
        if (i == changed)
            x[i] = x[i] > 0 ? -1 : 1;
        y[i] = (double)(float)workload->scalar[2] * (double)x[i] + 1;
    }
    if (task->args[1].role == HONE_INOUT)
        for (int64_t i = 0; i < layout.count[1]; i++)
            ((float *)(base + layout.input_offset[1]))[i] = 1;
    munmap(base, layout.total_bytes);
    if (context)
        ++*(uint32_t *)context;
    return 0;
}

static struct hone_workload workloads[] = {
    {.id = "tiny", .set = HONE_DEBUG, .weight = 1, .axes = {7}, .scalar = {[2] = 2}},
    {.id = "odd", .set = HONE_VERIFY, .weight = 1, .axes = {33}, .scalar = {[2] = 2}},
    {.id = "bench", .set = HONE_BENCH, .weight = 1, .axes = {2001}, .scalar = {[2] = 2}},
};
static struct hone_hidden hidden = {.draws = 2, .base = {.set = HONE_HIDDEN, .scalar = {[2] = 2}}};
static struct hone_task task = {
    .id = "test/line",
    .version = "1",
    .hash = "1",
    .hash64 = 1,
    .axis_count = 1,
    .axes = {{.name = "n", .low = 1, .high = 4096}},
    .arg_count = 4,
    .args = {{.name = "x", .role = HONE_IN, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}},
             {.name = "y", .role = HONE_OUT, .dtype = HONE_F32, .ndim = 1, .shape = {"n"}},
             {.name = "a", .role = HONE_SCALAR, .dtype = HONE_F32},
             {.name = "n", .role = HONE_AXIS, .dtype = HONE_I64, .axis = 0}},
    .workload_count = 3,
    .workloads = workloads,
    .hidden_count = 1,
    .hidden = &hidden,
    .tolerance = {[HONE_F32] = {"1e-5 * scale", "1e-5", "1e-5"}},
    .reduction = "1",
    .flops = "2 * n",
    .bytes = "8 * n",
    .baseline_count = 2,
    .baselines = {{.name = "tuned", .role = HONE_SCORE}, {.name = "naive", .role = HONE_FLOOR}},
};

static const struct program tuned = {.solve = solve_right, .ns = 200e3, .jitter = 0.02};
static const struct program naive = {.solve = solve_right, .ns = 900e3};

#define VERIFY (1u << HONE_STAGE_VERIFY)
#define TIME (1u << HONE_STAGE_TIME)

static struct hone_meter *meter;
static uint32_t begun_fills; /* sets filled beside something else */

/* In halves: what is begun is there at once. */
static int begin_fill(void *context, const struct hone_task *of,
                      const struct hone_workload *workload, uint64_t seed, int memory,
                      struct hone_error *why) {
    begun_fills++;
    return fill(context, of, workload, seed, memory, why);
}

static bool fill_ready(const void *context) {
    (void)context;
    return true;
}

static int end_fill(void *context, struct hone_error *why) {
    (void)context;
    (void)why;
    return 0;
}

static struct hone_measure_result result;
static struct hone_error error;
static char protocol[17];
static uint32_t fills;
static uint32_t needs, advised; /* enum hone_need */

static void open_meter(uint64_t step_limit_ns) {
    static struct hone_instance instance = {.loaded = {.plugin = &fake_plugin}};
    const struct hone_pool_source source = {&fills, fill, begin_fill, fill_ready, end_fill};
    const struct hone_meter_options options = {.pool_bytes = 64 << 20,
                                               .step_limit_ns = step_limit_ns,
                                               .timing_budget_ns = 300000000,
                                               .secret = {1}};
    hidden.axes[0].kind = HONE_DRAW_UNIFORM;
    hidden.axes[0].low = 100;
    hidden.axes[0].high = 200;
    device.random = 88172645463325252u;
    cr_assert(
        eq(int, hone_meter_open(&instance, 0, &source, &options, &meter, protocol, &error), 0));
}

static void set_up(void) {
    open_meter(5000000000u);
}

static void tear_down(void) {
    free(result.rows);
    free(result.probes);
    free(result.profile);
    hone_meter_destroy(meter);
    meter = NULL;
    cr_expect(eq(u32, device.stopped, device.started));
    cr_expect(eq(u32, device.closed, device.runners));
}

static int measure_with(const struct program *candidate, const struct program *baseline,
                        uint32_t stages, bool confirm) {
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {.bytes = candidate, .size = sizeof *candidate},
        .baselines = {{.bytes = baseline, .size = sizeof *baseline},
                      {.bytes = &naive, .size = sizeof naive}},
        .stages = stages,
        .episode_seed = 11,
        .debug_seed = 12,
        .confirm = confirm,
        .needs = needs,
        .advised = advised,
        .profile = device.wants_profile,
    };
    free(result.rows);
    free(result.probes);
    free(result.profile);
    return hone_measure(meter, &request, &result, &error);
}

static inline void measure(const struct program *candidate, uint32_t stages) {
    int status = measure_with(candidate, &tuned, stages, false);
    cr_assert(eq(int, status, 0), "%s", error.text);
}

#endif
