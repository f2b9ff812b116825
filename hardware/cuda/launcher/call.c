#include "hardware/cuda/launcher/launcher.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define CALIBRATION_RUNS 21u
#define CALIBRATION_TRACES 3u
#define CALIBRATION_LIMIT_NS 2000000000u
#define TRACED_ONE_IN 16u /* and the first call of every program */
#define SWEEP_BLOCK 256u
#define LOOK_EVERY_NS 50000000u /* whether anybody still waits for the answer */

uint64_t launcher_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of this thread; 0 where the kernel does not tell. */
static uint64_t core_now_ns(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t excess(uint64_t more, uint64_t less) {
    return more > less ? more - less : 0;
}

/* A supervisor that has died waits for nothing; and what hangs must not outlive it. */
static void look_for_supervisor(void) {
    struct pollfd polled = {.fd = HONE_LAUNCHER_SOCKET, .events = 0};
    if (poll(&polled, 1, 0) > 0 && polled.revents & (POLLHUP | POLLERR))
        _exit(1);
}

/* Until the event has happened: by asking, since waiting would sleep past a hang. */
static int await(struct launcher *launcher, void *event, uint64_t deadline_ns,
                 struct hone_launcher_reply *reply) {
    uint64_t look_ns = launcher_now_ns() + LOOK_EVERY_NS;
    for (;;) {
        int result = launcher->driver.event_query(event);
        if (result == 0)
            return 0;
        if (result != CUDA_NOT_READY)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result, "it ran");
        const uint64_t now = launcher_now_ns();
        if (now > deadline_ns) {
            reply->ruined = 1;
            reply->status = HONE_LAUNCHER_TIMED_OUT;
            return -1;
        }
        if (now > look_ns) {
            look_for_supervisor();
            look_ns = now + LOOK_EVERY_NS;
        }
    }
}

/* Twice the cache is read and written: nothing of inputs or outputs is left in it. */
static int sweep(struct launcher *launcher) {
    uint64_t count = launcher->sweep_bytes / 16;
    void *parameters[] = {&launcher->sweep_memory, &count};
    const struct cuda_launch launch = {
        .grid = {4 * (uint32_t)launcher->device.sm_count, 1, 1},
        .block = {SWEEP_BLOCK, 1, 1},
        .stream = launcher->stream,
    };
    launcher->driver.context_reset_l2();
    return launcher->driver.launch(&launch, launcher->sweep, parameters, NULL);
}

static uint64_t elapsed_ns(struct launcher *launcher, enum launcher_event begin,
                           enum launcher_event end, int *result) {
    float ms = 0;
    int failed =
        launcher->driver.event_elapsed(&ms, launcher->events[begin], launcher->events[end]);
    *result = *result ? *result : failed;
    return ms > 0 ? (uint64_t)llround((double)ms * 1e6) : 0;
}

/* The plan is queued while the device still sweeps, so that its begin is not that of the first
 * launch on its way; the host's clock is therefore compared with events around both. */
int launcher_run(struct launcher *launcher, void *instance, uint64_t limit_ns,
                 struct hone_launcher_times *times, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    int result = driver->stream_wait(launcher->stream);
    const uint64_t core = core_now_ns(), begin = launcher_now_ns();
    result =
        result ? result : driver->event_record(launcher->events[EVENT_SWEEP], launcher->stream);
    result = result ? result : sweep(launcher);
    result =
        result ? result : driver->event_record(launcher->events[EVENT_BEGIN], launcher->stream);
    result = result ? result : driver->graph_launch(instance, launcher->stream);
    result = result ? result : driver->event_record(launcher->events[EVENT_END], launcher->stream);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result, "it was started");
    if (await(launcher, launcher->events[EVENT_END], begin + limit_ns, reply))
        return -1;
    const uint64_t host_ns = launcher_now_ns() - begin, core_ns = core_now_ns() - core;
    times->host_ns += host_ns;
    times->waited_ns += core_ns ? excess(host_ns, core_ns) : 0;
    times->kernel_ns += elapsed_ns(launcher, EVENT_BEGIN, EVENT_END, &result);
    times->device_ns += elapsed_ns(launcher, EVENT_SWEEP, EVENT_END, &result);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no event times")
                  : 0;
}

int launcher_run_bare(struct launcher *launcher, void *instance, uint64_t limit_ns,
                      struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    int result = driver->graph_launch(instance, launcher->stream);
    result = result ? result : driver->event_record(launcher->events[EVENT_END], launcher->stream);
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result, "it was started");
    return await(launcher, launcher->events[EVENT_END], launcher_now_ns() + limit_ns, reply);
}

/* Rows of the plan among what was traced: the sweep is launched outside of any graph. */
static uint32_t keep_plan(struct trace_row *rows, int count) {
    uint32_t kept = 0;
    for (int i = 0; i < count; i++)
        if (rows[i].in_graph)
            rows[kept++] = rows[i];
    return kept;
}

static void judge_trace(const struct trace_row *rows, uint32_t count, uint32_t kernels,
                        uint64_t kernel_ns, struct hone_launcher_times *times) {
    times->traced_calls++;
    if (count != kernels) {
        times->missing_calls++;
        return;
    }
    uint64_t end = 0;
    for (uint32_t i = 0; i < count; i++)
        end = rows[i].end_ns > end ? rows[i].end_ns : end;
    times->traced_kernel_ns += kernel_ns;
    times->traced_ns += count && end > rows[0].begin_ns ? end - rows[0].begin_ns : 0;
}

/* One call with CUPTI on, by an instance made for it: which of a graph's nodes are traced is
 * settled when it is instantiated. */
int launcher_run_traced(struct launcher *launcher, const struct graph *graph, uint64_t limit_ns,
                        uint32_t *count, struct hone_launcher_times *times,
                        struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    struct hone_launcher_times mine = {0};
    void *instance = NULL;
    int failed = 0, got = 0;
    if (tracer_begin(launcher->tracer))
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "CUPTI cannot be turned on");
    int result = driver->graph_instantiate(&instance, graph->graph, 0);
    if (result == 0)
        result = driver->graph_upload(instance, launcher->stream);
    if (result)
        failed = launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no traced graph");
    else
        failed = launcher_run(launcher, instance, limit_ns, &mine, reply);
    if (failed && reply->ruined)
        return -1; /* flushing would wait for what does not end */
    got = tracer_end(launcher->tracer, launcher->rows, HONE_LAUNCHER_ROWS_MAX);
    if (instance)
        driver->instance_destroy(instance);
    if (failed)
        return -1;
    *count = keep_plan(launcher->rows, got);
    judge_trace(launcher->rows, *count, graph->kernels, mine.kernel_ns, times);
    times->kernel_ns += mine.kernel_ns;
    times->device_ns += mine.device_ns;
    times->host_ns += mine.host_ns;
    times->waited_ns += mine.waited_ns;
    return 0;
}

static int compare(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* A graph of empty kernels, as long as a plan. */
static int make_empty(struct launcher *launcher, uint32_t steps, struct graph *graph,
                      struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct cuda_launch launch = {
        .grid = {1, 1, 1}, .block = {1, 1, 1}, .stream = launcher->stream};
    *graph = (struct graph){.kernels = steps};
    int result = driver->capture_begin(launcher->stream, CUDA_CAPTURE_THREAD_LOCAL);
    for (uint32_t i = 0; result == 0 && i < steps; i++)
        result = driver->launch(&launch, launcher->nothing, NULL, NULL);
    result = result ? result : driver->capture_end(launcher->stream, &graph->graph);
    result = result ? result : driver->graph_instantiate(&graph->instance, graph->graph, 0);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "no graph of empty kernels")
                  : 0;
}

static int run_empty(struct launcher *launcher, const struct graph *graph,
                     struct overhead *overhead, struct hone_launcher_reply *reply) {
    uint64_t more_ns[CALIBRATION_RUNS];
    for (uint32_t i = 0; i < CALIBRATION_RUNS; i++) {
        struct hone_launcher_times times = {0};
        if (launcher_run(launcher, graph->instance, CALIBRATION_LIMIT_NS, &times, reply))
            return -1;
        more_ns[i] = excess(times.host_ns, times.device_ns + times.waited_ns);
    }
    for (uint32_t i = 0; launcher->tracer && i < CALIBRATION_TRACES; i++) {
        struct hone_launcher_times times = {0};
        uint32_t count;
        if (launcher_run_traced(launcher, graph, CALIBRATION_LIMIT_NS, &count, &times, reply))
            return -1;
        const uint64_t more = excess(times.traced_kernel_ns, times.traced_ns);
        overhead->trace_ns = more > overhead->trace_ns ? more : overhead->trace_ns;
    }
    qsort(more_ns, CALIBRATION_RUNS, sizeof *more_ns, compare);
    overhead->host_ns = more_ns[CALIBRATION_RUNS * 95 / 100];
    overhead->known = true;
    return 0;
}

/* What the clocks differ by where there is nothing to time, for a plan of about as many steps. */
static const struct overhead *find_overhead(struct launcher *launcher, uint32_t steps,
                                            struct hone_launcher_reply *reply) {
    struct graph graph;
    uint32_t length = 0;
    while (1u << length < steps && length + 1 < HONE_LAUNCHER_LENGTHS)
        length++;
    struct overhead *overhead = &launcher->overheads[length];
    if (overhead->known)
        return overhead;
    int failed = make_empty(launcher, 1u << length, &graph, reply);
    failed = failed ? failed : run_empty(launcher, &graph, overhead, reply);
    if (graph.instance)
        launcher->driver.instance_destroy(graph.instance);
    if (graph.graph)
        launcher->driver.graph_destroy(graph.graph);
    if (failed)
        reply->status = HONE_LAUNCHER_BROKEN; /* our own kernels: no fault of the program's */
    return failed ? NULL : overhead;
}

static bool is_traced(const struct launcher *launcher, const struct graph *graph, bool always) {
    uint8_t dice = 0;
    if (!launcher->tracer || graph->kernels >= HONE_LAUNCHER_ROWS_MAX) /* the sweep has a row too */
        return false;
    if (always || !launcher->program.was_traced)
        return true;
    return getrandom(&dice, sizeof dice, 0) == 1 && dice % TRACED_ONE_IN == 0;
}

int launcher_upload(struct launcher *launcher, const struct graph *graph,
                    struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    for (uint32_t i = 0; i < program->buffer_count; i++)
        if (graph->touches[i] && !program->buffers[i].made &&
            buffer_upload(launcher, &program->buffers[i], reply))
            return -1;
    return 0;
}

int launcher_download(struct launcher *launcher, const struct graph *graph,
                      struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    for (uint32_t i = 0; i < program->buffer_count; i++)
        if (graph->touches[i] && !program->buffers[i].made &&
            buffer_download(launcher, &program->buffers[i], reply))
            return -1;
    return 0;
}

static int call(struct launcher *launcher, const uint64_t *words, uint32_t word_count, bool trace,
                uint64_t limit_ns, struct hone_launcher_reply *reply) {
    struct hone_launcher_times *times = &reply->times;
    uint32_t row_count;
    struct graph *graph = program_graph(launcher, words, word_count, reply);
    const struct overhead *overhead = graph ? find_overhead(launcher, graph->kernels, reply) : NULL;
    if (!overhead || launcher_upload(launcher, graph, reply))
        return -1;
    const bool shared = share_is_wanted(launcher, graph);
    const bool traced = !shared && is_traced(launcher, graph, trace);
    times->overhead_ns += overhead->host_ns;
    times->trace_overhead_ns += traced ? overhead->trace_ns : 0;
    const uint64_t spent = times->kernel_ns;
    const uint64_t left = limit_ns > spent ? limit_ns - spent : 0;
    int failed = shared   ? share_run(launcher, graph, left, times, reply)
                 : traced ? launcher_run_traced(launcher, graph, left, &row_count, times, reply)
                          : launcher_run(launcher, graph->instance, left, times, reply);
    launcher->program.was_traced |= traced;
    times->operator_ns += failed ? 0 : share_of(graph, times->kernel_ns - spent);
    return failed ? -1 : launcher_download(launcher, graph, reply);
}

/* Of the materials, which are seeds, no more is left in the mail. */
int launcher_read_go(struct launcher *launcher, const struct hone_launcher_request *request,
                     struct hone_launcher_reply *reply) {
    const uint64_t words = (uint64_t)request->call_count * request->word_count;
    const uint64_t room = HONE_LAUNCHER_MAIL_BYTES / sizeof(uint64_t);
    const uint64_t bytes = request->material_count * sizeof(struct hone_material);
    if (!launcher->program.is_loaded || !request->call_count || words > room ||
        bytes > (room - words) * sizeof(uint64_t))
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a go out of bounds");
    uint8_t *materials = launcher->mail + words * sizeof(uint64_t);
    int failed =
        launcher_take_materials(launcher, (const void *)materials, request->material_count, reply);
    memset(materials, 0, bytes);
    return failed;
}

int launcher_go(struct launcher *launcher, const struct hone_launcher_request *request,
                struct hone_launcher_reply *reply) {
    int failed = launcher_read_go(launcher, request, reply);
    failed = failed ? failed : launcher_make(launcher, reply);
    for (uint32_t i = 0; failed == 0 && i < request->call_count; i++) {
        const uint64_t *at =
            (const uint64_t *)(const void *)launcher->mail + (uint64_t)i * request->word_count;
        failed = call(launcher, at, request->word_count, request->trace, request->limit_ns, reply);
    }
    return failed ? failed : launcher_inspect(launcher, reply);
}
