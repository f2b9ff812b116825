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

/* A device that is not there: a program is a C function of ours, called in this process on the
 * arenas mapped where a candidate's process would have them, and it takes the time that it says. */
struct program {
    void (*solve)(const uint64_t *words);
    double ns;       /* of one call */
    double jitter;   /* relative, of every go */
    double bias;     /* relative, drawn for each process */
    double stall;    /* this share of goes is interrupted for 1 ms: wall, not CPU */
    uint32_t status; /* enum hone_go_status, from the call `fails_at` of a process on */
    uint32_t fails_at;
    int signal, code;
    int fault_argument; /* the word the fault address is relative to */
    int64_t fault_offset;
    bool write_fault;
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
    uint32_t started, stopped, runners, closed, calls;
    bool saw_again; /* a process was shown the same inputs twice */
    bool inputs_differ_in_pair;
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
    const struct program *program = request->image;
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
static void remember_inputs(struct process *process, const uint64_t *words) {
    uint64_t bits = 0;
    memcpy(&bits, (const void *)(uintptr_t)words[0], 8);
    for (uint32_t i = 0; i < process->seen_count; i++)
        device.saw_again |= process->seen[i] == bits;
    if (process->seen_count < 512)
        process->seen[process->seen_count++] = bits;
}

static int process_go(void *self, const struct hone_go *go, struct hone_go_result *result) {
    struct process *process = self;
    const struct program *program = process->program;
    if (device.goes < sizeof device.order)
        device.order[device.goes++] = program->ns > 1e5 ? 'b' : 'c';
    result->status = HONE_GO_DONE;
    map_regions(process);
    for (uint32_t call = 0; call < go->count; call++) {
        const uint64_t *words = go->words + call * go->word_count;
        remember_inputs(process, words);
        device.calls++;
        if (program->solve)
            program->solve(words);
    }
    unmap_regions(process);
    if (process->goes++ >= program->fails_at && program->status) {
        result->status = program->status;
        result->signal = program->signal;
        result->code = program->code;
        result->address = go->words[program->fault_argument] + (uint64_t)program->fault_offset;
        result->write_fault = program->write_fault;
        snprintf(result->text, sizeof result->text, "openat");
        return 0;
    }
    double ns = program->ns * process->factor * (1 + program->jitter * noise()) * go->count;
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

static const struct hone_hardware_ops fake_ops = {
    .size = sizeof fake_ops,
    .describe = describe,
    .runner_open = runner_open,
    .runner_close = runner_close,
    .process_start = process_start,
    .process_go = process_go,
    .process_stop = process_stop,
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

static void solve_off_by_one_percent(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[3] *= 1.01f;
}

static void solve_with_nan(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[0] = NAN;
}

static void solve_beyond(const uint64_t *words) {
    solve_right(words);
    float *y = (void *)(uintptr_t)words[1];
    y[words[3]] = 0;
}

static void solve_small_only(const uint64_t *words) {
    if (words[3] > 1000)
        solve_without_tail(words);
    else
        solve_right(words);
}

/* Right for the sizes that are shown, 7, 33 and 2001. */
static void solve_shown_only(const uint64_t *words) {
    if (words[3] == 7 || words[3] == 33 || words[3] == 2001)
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
    for (int64_t i = 0; i < layout.count[0]; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)((double)(int64_t)seed * 0x1p-62);
        y[i] = (double)(float)workload->scalar[2] * (double)x[i] + 1;
    }
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
    .tolerance = {"1e-5 * scale", "1e-5", "1e-5"},
    .reduction = "1",
    .flops = "2 * n",
    .bytes = "8 * n",
    .baseline_count = 2,
    .baselines = {{.name = "tuned", .score = true}, {.name = "naive"}},
};

static const struct program tuned = {.solve = solve_right, .ns = 200e3, .jitter = 0.02};
static const struct program naive = {.solve = solve_right, .ns = 900e3};

#define VERIFY (1u << HONE_STAGE_VERIFY)
#define TIME (1u << HONE_STAGE_TIME)

static struct hone_meter *meter;
static struct hone_measure_result result;
static struct hone_error error;
static char protocol[17];
static uint32_t fills;

static void open_meter(uint64_t step_limit_ns) {
    static struct hone_instance instance = {.loaded = {.plugin = &fake_plugin}};
    const struct hone_pool_source source = {.context = &fills, .fill = fill};
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
    hone_meter_destroy(meter);
    meter = NULL;
    cr_expect(eq(u32, device.stopped, device.started));
    cr_expect(eq(u32, device.closed, device.runners));
}

static int measure_with(const struct program *candidate, const struct program *baseline,
                        uint32_t stages, bool confirm) {
    const struct hone_measure_request request = {
        .task = &task,
        .candidate = {candidate, sizeof *candidate},
        .baselines = {{baseline, sizeof *baseline}, {&naive, sizeof naive}},
        .stages = stages,
        .episode_seed = 11,
        .debug_seed = 12,
        .confirm = confirm,
    };
    free(result.rows);
    return hone_measure(meter, &request, &result, &error);
}

static void measure(const struct program *candidate, uint32_t stages) {
    int status = measure_with(candidate, &tuned, stages, false);
    cr_assert(eq(int, status, 0), "%s", error.text);
}

static bool says(const char *text) {
    return strstr(result.message, text) != NULL;
}

TestSuite(measure, .init = set_up, .fini = tear_down);

Test(measure, passes_a_right_candidate_on_every_workload) {
    measure(&tuned, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(eq(str, result.message, ""));
    cr_assert(eq(u32, result.row_count, 5));
    for (uint32_t i = 0; i < 5; i++) {
        cr_expect(eq(u32, result.rows[i].verdict, HONE_PASSED));
        cr_expect(gt(u32, result.rows[i].calls, 0));
        cr_expect(lt(dbl, result.rows[i].max_error, 1e-4));
    }
    cr_expect(eq(str, result.rows[2].id, "bench"));
    cr_expect(eq(i64, result.rows[2].axes[0], 2001));
}

Test(measure, keeps_name_and_axes_of_hidden_workloads_to_itself) {
    measure(&tuned, VERIFY);
    for (uint32_t i = 3; i < 5; i++) {
        cr_expect(eq(u32, result.rows[i].set, HONE_HIDDEN));
        cr_expect(eq(str, result.rows[i].id, ""));
        cr_expect(eq(u32, result.rows[i].axis_count, 0));
        cr_expect(eq(i64, result.rows[i].axes[0], 0));
    }
}

Test(measure, measures_a_faster_candidate) {
    const struct program fast = {.solve = solve_right, .ns = 50e3, .jitter = 0.02};
    measure(&fast, VERIFY | TIME);
    cr_assert(eq(u32, result.verdict, HONE_UNDECIDED), "%s", result.message);
    cr_expect(epsilon_eq(dbl, result.speedup, 4, 0.12));
    cr_expect(le(dbl, result.speedup_low, result.speedup));
    cr_expect(ge(dbl, result.speedup_high, result.speedup));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 50e3, 1500));
    cr_expect(epsilon_eq(dbl, result.baseline_ns, 200e3, 6000));
    cr_expect(epsilon_eq(dbl, result.rows[2].baseline_ns[1], 900e3, 1));
    cr_expect(ge(u32, result.samples, ROUNDS_LEAST));
    cr_expect(eq(u32, result.samples % 2, 1));
    cr_expect(gt(dbl, result.noise, 0));
    cr_expect(eq(u32, result.flags, 0));
    /* 8 bytes a nanosecond */
    cr_expect(epsilon_eq(dbl, result.roofline_ns, 2001, 1));
}

Test(measure, measures_a_slower_candidate) {
    const struct program slow = {.solve = solve_right, .ns = 500e3, .jitter = 0.02};
    measure(&slow, TIME);
    cr_expect(epsilon_eq(dbl, result.speedup, 0.4, 0.012));
}

Test(measure, covers_one_for_a_copy_of_the_baseline) {
    const struct program copy = {.solve = solve_right, .ns = 200e3, .jitter = 0.02};
    uint32_t covered = 0;
    for (int i = 0; i < 40; i++) {
        measure(&copy, TIME);
        covered += result.speedup_low <= 1 && result.speedup_high >= 1;
        cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
    }
    /* At 95 % fewer than 32 come once in ten thousand. */
    cr_expect(ge(u32, covered, 32));
}

Test(measure, shows_no_inputs_twice_to_one_process) {
    measure(&tuned, VERIFY | TIME);
    cr_expect(not(device.saw_again));
}

Test(measure, replaces_both_processes_every_few_pairs) {
    measure(&tuned, TIME);
    device.started = device.stopped = 0;
    measure(&tuned, TIME);
    cr_expect(ge(u32, device.started, 2 * (result.samples / PAIRS_MOST)));
}

Test(measure, runs_either_side_first) {
    const struct program fast = {.solve = solve_right, .ns = 50e3};
    measure(&fast, TIME);
    device.goes = 0;
    measure(&fast, TIME);
    uint32_t candidate_first = 0;
    for (uint32_t i = 0; i + 1 < device.goes; i += 2) {
        cr_assert(ne(chr, device.order[i], device.order[i + 1]));
        candidate_first += device.order[i] == 'c';
    }
    cr_expect(gt(u32, candidate_first, device.goes / 8));
    cr_expect(lt(u32, candidate_first, device.goes / 2 - device.goes / 8));
}

Test(measure, fills_no_set_again_for_the_next_candidate) {
    measure(&tuned, VERIFY | TIME);
    uint32_t first = fills;
    measure(&tuned, VERIFY | TIME);
    /* Only the two hidden workloads, whose sets live for one measurement. */
    cr_expect(eq(u32, fills - first, 2 * VERIFY_CALLS));
}

Test(measure, draws_new_inputs_for_every_confirming_pair) {
    measure(&tuned, TIME);
    uint32_t first = fills;
    cr_assert(eq(int, measure_with(&tuned, &tuned, TIME, true), 0), "%s", error.text);
    cr_expect(ge(u32, fills - first, 2 * result.samples));
    cr_expect(eq(u32, result.flags & HONE_CONFIRMED, HONE_CONFIRMED));
}

Test(measure, names_an_element_that_was_not_written) {
    const struct program tail = {.solve = solve_without_tail, .ns = 1e5};
    measure(&tail, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.reason, HONE_REASON_UNWRITTEN));
    cr_expect(says("wrong: y[4] of workload tiny (n=7) was not written; 3 of 7 elements differ, 3 "
                   "of them never written"),
              "%s", result.message);
    cr_expect(eq(u32, result.rows[0].verdict, HONE_WRONG));
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_UNWRITTEN));
    cr_expect(eq(u32, result.rows[1].verdict, HONE_UNDECIDED));
    cr_expect(result.mismatch.known);
    cr_expect(eq(i64, result.mismatch.index[0], 4));
    cr_expect(eq(i64, result.mismatch.wrong_count, 3));
    cr_expect(eq(str, result.mismatch.workload, "tiny"));
}

Test(measure, says_what_it_got_and_what_it_wanted) {
    const struct program off = {.solve = solve_off_by_one_percent, .ns = 1e5};
    measure(&off, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_VALUES));
    cr_expect(says("y[3] of workload tiny (n=7): got "), "%s", result.message);
    cr_expect(says("1 of 7 elements differ, largest error "), "%s", result.message);
    cr_expect(epsilon_eq(dbl, result.mismatch.got, result.mismatch.wanted * 1.01, 1e-5));
}

Test(measure, says_that_a_result_is_not_finite) {
    const struct program bad = {.solve = solve_with_nan, .ns = 1e5};
    measure(&bad, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_NON_FINITE));
    cr_expect(says("y[0] of workload tiny (n=7): got nan"), "%s", result.message);
}

Test(measure, shows_no_values_of_a_hidden_workload) {
    const struct program shown = {.solve = solve_shown_only, .ns = 1e5};
    measure(&shown, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(says("an output of a hidden workload; "), "%s", result.message);
    cr_expect(not(says("n=")));
    cr_expect(not(says("got")));
    cr_expect(result.mismatch.hidden);
    cr_expect(eq(str, result.mismatch.argument, ""));
    bool values = isnan(result.mismatch.got) && isnan(result.mismatch.wanted);
    cr_expect(values);
}

Test(measure, judges_timed_calls_but_keeps_their_values) {
    const struct program large = {.solve = solve_small_only, .ns = 1e5};
    measure(&large, VERIFY | TIME);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(says("y[2000] of workload bench (n=2001) was not written"), "%s", result.message);
    bool values = isnan(result.mismatch.got) && isnan(result.mismatch.wanted);
    cr_expect(values);
    cr_expect(eq(u32, result.rows[2].verdict, HONE_WRONG));
}

Test(measure, checks_bench_workloads_when_nothing_is_timed) {
    const struct program large = {.solve = solve_small_only, .ns = 1e5};
    measure(&large, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_WRONG));
    cr_expect(eq(u32, result.rows[2].verdict, HONE_WRONG));
}

Test(measure, sees_a_write_beside_a_buffer) {
    const struct program beyond = {.solve = solve_beyond, .ns = 1e5};
    measure(&beyond, VERIFY);
    cr_expect(eq(u32, result.reason, HONE_REASON_OUT_OF_BOUNDS));
    cr_expect(says("wrote up to 4 bytes past the end of y on workload tiny (n=7)"), "%s",
              result.message);
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_GUARD_BROKEN));
}

Test(measure, says_where_a_crash_was) {
    struct program crash = {.ns = 1e5,
                            .status = HONE_GO_CRASHED,
                            .signal = SIGSEGV,
                            .fault_argument = 1,
                            .fault_offset = 7 * 4 + 11,
                            .write_fault = true};
    measure(&crash, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(eq(u32, result.reason, HONE_REASON_SIGNAL));
    cr_expect(eq(str, result.message,
                 "crashed: SIGSEGV writing 12 bytes past the end of y on workload tiny (n=7)"));
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_FAULT_BEYOND));

    crash.fault_argument = 0;
    crash.fault_offset = 8;
    measure(&crash, VERIFY);
    cr_expect(says("writing to x, which is an input and read-only"), "%s", result.message);
    cr_expect(eq(u32, result.rows[0].facts, HONE_FACT_INPUT_FAULT));

    crash.fault_offset = -4;
    crash.write_fault = false;
    measure(&crash, VERIFY);
    cr_expect(says("reading 4 bytes before the start of x"), "%s", result.message);

    crash.fault_offset = 1 << 20;
    measure(&crash, VERIFY);
    cr_expect(says("outside every argument"), "%s", result.message);
}

Test(measure, names_the_limit_of_a_call_that_hangs) {
    const struct program hang = {.ns = 1e5, .status = HONE_GO_TIMED_OUT};
    measure(&hang, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(eq(u32, result.reason, HONE_REASON_CALL_TIME));
    cr_expect(eq(str, result.message, "timed out: not done after 100 ms on workload tiny (n=7)"));
}

Test(measure, names_a_forbidden_system_call) {
    const struct program call = {.ns = 1e5, .status = HONE_GO_FORBIDDEN};
    measure(&call, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_POLICY_VIOLATION));
    cr_expect(eq(u32, result.reason, HONE_REASON_SYSTEM_CALL));
    cr_expect(says("system call openat"), "%s", result.message);
}

Test(measure, reports_an_exit) {
    const struct program exits = {.ns = 1e5, .status = HONE_GO_EXITED, .code = 3};
    measure(&exits, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_CRASHED));
    cr_expect(eq(u32, result.reason, HONE_REASON_EXIT));
    cr_expect(says("ended by itself with status 3"), "%s", result.message);
}

Test(measure, reports_a_program_that_cannot_be_loaded) {
    const struct program refused = {.fails_to_start = true, .status = HONE_GO_REFUSED};
    measure(&refused, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_POLICY_VIOLATION));
    cr_expect(says("cannot be loaded: unlink while loading"), "%s", result.message);
}

Test(measure, replaces_a_lost_worker_and_fails) {
    const struct program lost = {
        .solve = solve_right, .ns = 1e5, .status = HONE_GO_LOST, .fails_at = 1};
    cr_expect(eq(int, measure_with(&lost, &tuned, VERIFY, false), -EIO));
    cr_expect(eq(u32, device.runners, 2));
    cr_expect(eq(u32, device.closed, 1));
    cr_expect(eq(ptr, result.rows, NULL));
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_UNDECIDED));
}

Test(measure, takes_a_wrong_baseline_for_a_fault_of_ours) {
    const struct program wrong = {.solve = solve_small_only, .ns = 1e5};
    cr_expect(eq(int, measure_with(&tuned, &wrong, TIME, false), -EIO));
    bool named = strstr(error.text, "baseline tuned of task test/line: wrong: y[2000]") != NULL;
    cr_expect(named, "%s", error.text);
}

Test(measure, refuses_to_time_without_a_score_baseline) {
    const struct hone_measure_request request = {
        .task = &task, .candidate = {&tuned, sizeof tuned}, .stages = TIME};
    cr_expect(eq(int, hone_measure(meter, &request, &result, &error), -EINVAL));
}

Test(measure, stops_when_it_is_cancelled) {
    atomic_int cancel = 1;
    const struct hone_measure_request request = {
        .task = &task, .candidate = {&tuned, sizeof tuned}, .stages = VERIFY, .cancel = &cancel};
    cr_expect(eq(int, hone_measure(meter, &request, &result, &error), -ECANCELED));
}

Test(measure, repeats_an_interrupted_sample) {
    const struct program stalled = {.solve = solve_right, .ns = 200e3, .stall = 0.03};
    measure(&stalled, TIME);
    cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
    cr_expect(epsilon_eq(dbl, result.kernel_ns, 200e3, 6000));
    cr_expect(eq(u32, result.flags & HONE_NOISY, 0));
}

Test(measure, says_when_samples_stay_noisy_and_trusts_the_cpu_clock_then) {
    const struct program stalled = {.solve = solve_right, .ns = 200e3, .stall = 10};
    measure(&stalled, TIME);
    cr_expect(eq(u32, result.flags & HONE_NOISY, HONE_NOISY));
    cr_expect(epsilon_eq(dbl, result.speedup, 1, 0.03));
}

Test(measure, ends_a_step_at_its_limit) {
    hone_meter_destroy(meter);
    open_meter(1);
    measure(&tuned, VERIFY);
    cr_expect(eq(u32, result.verdict, HONE_TIMED_OUT));
    cr_expect(eq(u32, result.reason, HONE_REASON_STEP_TIME));
    cr_expect(result.incomplete);
}

Test(measure, gives_each_protocol_a_name) {
    cr_expect(eq(sz, strlen(protocol), 16));
}
