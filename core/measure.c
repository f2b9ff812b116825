#include "core/measure_internal.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/inputs.h"
#include "core/scorer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

#define IDLE_PAUSE_NS 200000

uint64_t hone_random_next(struct hone_random *random) {
    uint64_t value = random->state += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

void hone_random_fill(struct hone_random *random, void *bytes, uint32_t size) {
    if (getrandom(bytes, size, 0) == (ssize_t)size)
        return;
    for (uint32_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)hone_random_next(random);
}

struct hone_shelf_key hone_measure_key(const struct hone_measurement *measurement,
                                       const struct hone_workload *workload) {
    const bool debug = workload->set == HONE_DEBUG;
    return (struct hone_shelf_key){
        .task = measurement->task,
        .workload = workload,
        .stream = workload->id,
        .episode = debug ? measurement->request->debug_seed : measurement->meter->run,
    };
}

struct hone_workload_row *hone_measure_row(const struct hone_measurement *measurement,
                                           const struct hone_workload *workload) {
    const struct hone_task *task = measurement->task;
    if (workload->set == HONE_HIDDEN)
        return &measurement->result
                    ->rows[task->workload_count + (uint32_t)(workload - measurement->hidden)];
    return &measurement->result->rows[workload - task->workloads];
}

void hone_measure_object(struct hone_measurement *measurement, struct hone_workload_row *row,
                         const struct hone_failure *failure) {
    struct hone_measure_result *result = measurement->result;
    result->verdict = failure->verdict;
    result->reason = failure->reason;
    result->mismatch = failure->mismatch;
    result->incomplete |= failure->verdict == HONE_TIMED_OUT;
    snprintf(result->message, sizeof result->message, "%s", failure->message);
    if (!row)
        return;
    row->verdict = failure->verdict;
    row->reason = failure->reason;
    row->facts |= failure->facts;
}

/* A draw may ask for more memory than an argument can have. */
static int check_shapes(const struct hone_task *task, const struct hone_workload *workload) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_tensor(&task->args[i]) && hone_task_shape(task, workload, i, NULL) < 0)
            return -EINVAL;
    return 0;
}

static int draw_hidden(struct hone_measurement *measurement) {
    const struct hone_task *task = measurement->task;
    const struct hone_meter *meter = measurement->meter;
    uint32_t count = 0;
    for (uint32_t i = 0; i < task->hidden_count; i++)
        count += task->hidden[i].draws;
    if (count == 0)
        return 0;
    measurement->hidden = calloc(count, sizeof *measurement->hidden);
    if (!measurement->hidden)
        return -ENOMEM;
    for (uint32_t i = 0; i < task->hidden_count; i++)
        for (uint32_t draw = 0; draw < task->hidden[i].draws; draw++) {
            const uint32_t index = measurement->hidden_count++;
            uint64_t seed = hone_seed(meter->options.secret, task->hash64, "hidden/axes",
                                      measurement->request->episode_seed, index);
            int status = hone_task_draw(task, i, seed, &measurement->hidden[index]);
            if (status == 0)
                status = check_shapes(task, &measurement->hidden[index]);
            if (status != 0)
                return hone_fail(measurement->error, status,
                                 "cannot draw hidden workload %u of task %s", i, task->id);
            measurement->hidden[index].set = HONE_HIDDEN;
        }
    return 0;
}

/* Whether an input is drawn otherwise than its task says where it says nothing special. */
static bool is_stress(const struct hone_task *task, const struct hone_workload *workload) {
    for (uint32_t i = 0; i < task->arg_count; i++) {
        const struct hone_generate *own = &task->args[i].generate, *here = &workload->generate[i];
        if (!hone_arg_is_tensor(&task->args[i]) || task->args[i].role == HONE_OUT)
            continue;
        bool computed = false; /* from this workload's axes */
        for (uint32_t k = 0; k < HONE_PARAMETERS; k++)
            computed |= task->args[i].texts.parameters[k] != NULL;
        if (own->kind != here->kind || own->mean != here->mean ||
            own->deviation != here->deviation ||
            own->outlier_probability != here->outlier_probability ||
            own->outlier_scale != here->outlier_scale || own->rows != here->rows ||
            (!computed && (own->low != here->low || own->high != here->high)))
            return true;
    }
    return false;
}

static void init_row(const struct hone_measure_request *request,
                     const struct hone_workload *workload, struct hone_workload_row *row) {
    const struct hone_task *task = request->task;
    const struct hone_errors nothing = {0};
    *row = (struct hone_workload_row){.set = workload->set, .baseline_count = task->baseline_count};
    if (workload->sampled)
        row->flags |= HONE_ROW_SAMPLED;
    row->kernel_ns = row->speedup = row->speedup_low = row->speedup_high = NAN;
    row->max_error = row->rel_l2 = row->roofline_ns = NAN;
    row->kernel_cpu_ns = row->flops = row->bytes = NAN;
    hone_deviation_of(&nothing.deviation, &row->deviation);
    hone_deviation_of(&nothing.deviation, &row->honest);
    hone_precision_of(&nothing.precision, &row->precision);
    hone_precision_of(&nothing.precision, &row->honest_precision);
    for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++)
        row->baseline_ns[i] = NAN;
    if (is_stress(task, workload))
        row->flags |= HONE_ROW_STRESS;
    if (workload->set == HONE_HIDDEN)
        return;
    snprintf(row->id, sizeof row->id, "%s", workload->id);
    row->axis_count = task->axis_count;
    memcpy(row->axes, workload->axes, sizeof row->axes);
}

static int init_result(struct hone_measurement *measurement) {
    struct hone_measure_result *result = measurement->result;
    const struct hone_task *task = measurement->task;
    *result = (struct hone_measure_result){
        .flags = measurement->request->emulated ? HONE_EMULATED : 0,
    };
    result->speedup = result->speedup_low = result->speedup_high = NAN;
    result->kernel_ns = result->baseline_ns = result->noise = result->roofline_ns = NAN;
    result->coverage = NAN;
    int status = draw_hidden(measurement);
    if (status != 0)
        return status;
    result->row_count = task->workload_count + measurement->hidden_count;
    result->rows = calloc(result->row_count ? result->row_count : 1, sizeof *result->rows);
    measurement->least_ns = calloc(task->workload_count + 1, sizeof *measurement->least_ns);
    if (!result->rows || !measurement->least_ns)
        return -ENOMEM;
    for (uint32_t i = 0; i < task->workload_count; i++)
        init_row(measurement->request, &task->workloads[i], &result->rows[i]);
    for (uint32_t i = 0; i < measurement->hidden_count; i++)
        init_row(measurement->request, &measurement->hidden[i],
                 &result->rows[task->workload_count + i]);
    return 0;
}

static int open_runner(struct hone_meter *meter, struct hone_error *error) {
    if (meter->runner && !meter->lost)
        return 0;
    if (meter->runner)
        meter->ops->runner_close(meter->runner);
    meter->runner = NULL;
    int status = meter->ops->runner_open(meter->hardware, meter->device, &meter->runner, error);
    meter->lost = status != 0;
    return status;
}

/* A plan was tried on the workloads that are shown; hidden ones are only known here. */
static int check_plan(struct hone_measurement *measurement, struct hone_failure *failure) {
    const struct hone_plan *plan = measurement->request->candidate.plan;
    for (uint32_t i = 0; plan && i < measurement->hidden_count; i++) {
        struct hone_error error;
        struct hone_plan_program *program;
        int code = hone_plan_resolve(plan, &measurement->hidden[i], &program, &error);
        hone_plan_program_destroy(program);
        if (code == -ENOMEM)
            return hone_fail(measurement->error, code, "%s", error.text);
        if (!code)
            continue;
        hone_failure_of_plan(&error, failure);
        hone_measure_object(measurement, hone_measure_row(measurement, &measurement->hidden[i]),
                            failure);
        return 0;
    }
    return 0;
}

static int run_stages(struct hone_measurement *measurement) {
    const uint32_t stages = measurement->request->stages;
    struct hone_measure_result *result = measurement->result;
    struct hone_failure failure = {0};
    int status = check_plan(measurement, &failure);
    if (status || failure.verdict)
        return status;
    if (stages & 1u << HONE_STAGE_TIME)
        status = hone_measure_calibrate(measurement);
    uint64_t begun = hone_now_ns();
    if (status == 0 && stages & 1u << HONE_STAGE_VERIFY)
        status = hone_measure_verify(measurement, &failure);
    uint64_t verified = hone_now_ns();
    result->verify_ns = verified - begun;
    if (status == 0 && !failure.verdict && stages & 1u << HONE_STAGE_TIME) {
        status = hone_measure_time(measurement, &failure);
        result->time_ns = hone_now_ns() - verified;
    }
    if (status == 0 && !failure.verdict && measurement->request->profile) {
        const uint64_t timed = hone_now_ns();
        status = hone_measure_profile(measurement, &failure);
        result->profile_ns = hone_now_ns() - timed;
    }
    if (status == 0 && !failure.verdict && stages & 1u << HONE_STAGE_TIME)
        status = hone_measure_probe(measurement, &failure);
    return status;
}

int hone_measure(struct hone_meter *meter, const struct hone_measure_request *request,
                 struct hone_measure_result *result, struct hone_error *error) {
    struct hone_measurement measurement = {
        .meter = meter,
        .request = request,
        .task = request->task,
        .result = result,
        .error = error,
    };
    hone_spending_begin(&measurement);
    int status = init_result(&measurement);
    if (status == -ENOMEM)
        hone_fail(error, status, "out of memory for results");
    if (status == 0)
        status = open_runner(meter, error);
    if (status == 0)
        status = run_stages(&measurement);
    result->spent_ns = hone_spending_ns(&measurement);
    if (request->confirm)
        result->flags |= HONE_CONFIRMED;
    if (meter->lost)
        open_runner(meter, NULL);
    if (status != 0) {
        free(result->rows);
        free(result->profile);
        free(result->counters);
        free(result->probes);
        result->profile = NULL;
        result->counters = NULL;
        result->rows = NULL;
        result->probes = NULL;
        result->row_count = result->probe_count = result->counter_count = 0;
    }
    free(measurement.least_ns);
    free(measurement.hidden);
    return status;
}

bool hone_meter_idle(struct hone_meter *meter) {
    bool waiting;
    bool more = hone_pool_grow(meter->pool, &waiting);
    if (waiting) {
        /* Who fills offers nothing to wait on; without a pause the caller's loop would spin. */
        const struct timespec pause = {.tv_nsec = IDLE_PAUSE_NS};
        nanosleep(&pause, NULL);
    }
    return more;
}

static void describe_protocol(const struct hone_meter *meter, char protocol[17]) {
    char text[512];
    int length =
        snprintf(text, sizeof text,
                 "pairs/3 rounds=%u..%u batch<=%u,%u replaced<=%u go>=%g noise=%g,%g coverage=%g "
                 "budget=%llu "
                 "inputs,poison,go %s",
                 ROUNDS_LEAST, ROUNDS_MOST, BATCH_MOST, BATCH_BYTES, PAIRS_MOST, GO_LEAST_NS,
                 NOISE_FACTOR, NOISE_SLACK_NS, COVERAGE,
                 (unsigned long long)meter->options.timing_budget_ns, meter->description.protocol);
    size_t bytes = length < (int)sizeof text ? (size_t)length : sizeof text - 1;
    snprintf(protocol, 17, "%016llx", (unsigned long long)XXH3_64bits(text, bytes));
}

int hone_meter_open(const struct hone_instance *hardware, uint32_t device,
                    const struct hone_pool_source *source, const struct hone_meter_options *options,
                    struct hone_meter **out, char protocol[17], struct hone_error *error) {
    struct hone_meter *meter = calloc(1, sizeof *meter);
    if (!meter)
        return hone_fail(error, -ENOMEM, "out of memory for a meter");
    *meter = (struct hone_meter){
        .ops = hardware->loaded.plugin->hardware,
        .hardware = hardware->self,
        .device = device,
        .arenas = HONE_ARENAS_NONE,
        .options = *options,
    };
    meter->description.size = sizeof meter->description;
    int status = 0;
    if (getrandom(&meter->random, sizeof meter->random, 0) != sizeof meter->random)
        status = hone_fail(error, -EIO, "the system gave no random bytes");
    meter->run = hone_random_next(&meter->random);
    if (status == 0) {
        status = meter->ops->describe(meter->hardware, device, &meter->description);
        if (status != 0)
            hone_fail(error, status, "device %u cannot be described: %s", device,
                      strerror(-status));
    }
    if (status == 0)
        status = hone_pool_create(source, options->secret, options->pool_bytes, &meter->pool);
    if (status == 0 && hone_meter_serves_remote(meter))
        hone_pool_serve_remote(meter->pool);
    if (status == 0)
        status = open_runner(meter, error);
    if (status != 0) {
        hone_meter_destroy(meter);
        return status;
    }
    describe_protocol(meter, protocol);
    *out = meter;
    return 0;
}

static int scorer_fill(void *context, const struct hone_task *task,
                       const struct hone_workload *workload, uint64_t seed, int memory,
                       struct hone_error *error) {
    return hone_scorer_set(context, task, workload, seed, memory, error);
}

static int scorer_begin(void *context, const struct hone_task *task,
                        const struct hone_workload *workload, uint64_t seed, int memory,
                        struct hone_error *error) {
    return hone_scorer_set_begin(context, task, workload, seed, memory, error);
}

static bool scorer_ready(const void *context) {
    return hone_scorer_set_ready(context);
}

static int scorer_end(void *context, struct hone_error *error) {
    return hone_scorer_set_end(context, error);
}

int hone_meter_create(const struct hone_instance *hardware, uint32_t device,
                      struct hone_scorer *scorer, const struct hone_meter_options *options,
                      struct hone_meter **meter, char protocol[17], struct hone_error *error) {
    const struct hone_pool_source source = {scorer, scorer_fill, scorer_begin, scorer_ready,
                                            scorer_end};
    return hone_meter_open(hardware, device, &source, options, meter, protocol, error);
}

void hone_meter_destroy(struct hone_meter *meter) {
    if (!meter)
        return;
    if (meter->runner)
        meter->ops->runner_close(meter->runner);
    hone_pool_destroy(meter->pool);
    hone_arenas_finish(&meter->arenas);
    while (meter->known) {
        struct hone_known *known = meter->known;
        meter->known = known->next;
        for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++)
            free(known->ns[i]);
        free(known->honest);
        free(known);
    }
    explicit_bzero(meter->options.secret, sizeof meter->options.secret);
    free(meter);
}
