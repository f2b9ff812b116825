#include "core/gate_private.h"

#include "core/baselines.h"
#include "core/error.h"
#include "core/folders.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMPILERS_MAX 4
#define STEP_LIMIT_NS                                                                              \
    60000000000u /* of a kernel that is emulated: it is right or wrong, not slow */

/* The first device that runs C: what tasks are written in. */
static int open_device(struct hone_gate *gate, struct hone_error *error) {
    uint32_t use_count;
    const struct hone_use *uses = hone_settings_uses(gate->settings, HONE_HARDWARE, &use_count);
    for (uint32_t i = 0; i < use_count; i++) {
        int code = hone_instance_create(gate->settings, uses[i].name, HONE_HARDWARE, NULL, NULL,
                                        &gate->hardware, error);
        if (code)
            return code;
        const struct hone_hardware_ops *ops = gate->hardware.loaded.plugin->hardware;
        uint32_t count = 0;
        ops->device_count(gate->hardware.self, &count);
        for (gate->device = 0; gate->device < count; gate->device++)
            if (ops->supports(gate->hardware.self, gate->device, "c"))
                return 0;
        hone_instance_destroy(&gate->hardware);
        gate->hardware = (struct hone_instance){0};
    }
    return hone_fail(error, -ENODEV, "no device runs C; `hone doctor` lists what there is");
}

static int open_meter(struct hone_gate *gate, struct hone_error *error) {
    char protocol[17];
    struct hone_meter_options options = {
        .pool_bytes = (uint64_t)hone_settings_integer(gate->settings, "measure", "pool_bytes"),
        .step_limit_ns = STEP_LIMIT_NS};
    static const char label[] = "the gate's own draws";
    memcpy(options.secret, label, sizeof label); /* no secret: what it draws is never scored */
    memcpy(options.secret + 24, &gate->seed, sizeof gate->seed);
    return hone_meter_create(&gate->hardware, gate->device, gate->scorer, &options, &gate->meter,
                             protocol, error);
}

static int by_id(const void *a, const void *b) {
    return strcmp((*(struct hone_task *const *)a)->id, (*(struct hone_task *const *)b)->id);
}

int hone_gate_open(const struct hone_settings *settings, uint64_t seed,
                   void (*refused)(void *context, const char *text), void *context,
                   struct hone_gate **out, struct hone_error *error) {
    struct hone_gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        return hone_fail(error, -ENOMEM, "out of memory");
    gate->settings = settings;
    gate->seed = seed;
    int code = open_device(gate, error);
    if (!code)
        code = hone_scorer_create(settings, &gate->scorer, error);
    if (!code)
        code = hone_scorer_tasks(gate->scorer, &gate->tasks, &gate->task_count, refused, context,
                                 error);
    if (!code)
        hone_baselines_settle(gate->tasks, gate->task_count, settings, &gate->hardware,
                              gate->device);
    if (!code)
        code = open_meter(gate, error);
    char folder[512];
    uint64_t most = (uint64_t)hone_settings_integer(settings, "compile", "cache_bytes");
    if (!code && most && !hone_folder_cache("images", folder, sizeof folder))
        gate->cache = hone_compile_cache_create(folder, most);
    if (code) {
        hone_gate_close(gate);
        return code;
    }
    if (gate->task_count)
        qsort(gate->tasks, gate->task_count, sizeof *gate->tasks, by_id);
    *out = gate;
    return 0;
}

void hone_gate_close(struct hone_gate *gate) {
    if (!gate)
        return;
    hone_meter_destroy(gate->meter);
    hone_scorer_destroy(gate->scorer);
    hone_compile_cache_destroy(gate->cache);
    hone_instance_destroy(&gate->hardware);
    for (uint32_t i = 0; i < gate->task_count; i++)
        hone_task_destroy(gate->tasks[i]);
    free(gate->tasks);
    free(gate);
}

struct hone_task *const *hone_gate_tasks(const struct hone_gate *gate, uint32_t *count) {
    *count = gate->task_count;
    return gate->tasks;
}

/* Sources that are waiting for a compiler; each thread takes the next. */
struct jobs {
    const struct hone_gate *gate;
    const struct hone_task *task;
    struct hone_gate_source *sources;
    uint32_t count;
    _Atomic uint32_t next;
};

/* A plan that is refused is an outcome, like a source that does not compile. */
static int compile_one(const struct jobs *jobs, struct hone_gate_source *source) {
    const struct hone_instance *hardware = &jobs->gate->hardware;
    struct hone_error *error = &source->error;
    int code = hone_plan_parse(jobs->task, source->language, source->text, strlen(source->text),
                               &jobs->gate->meter->description, &source->plan, error);
    if (code == -EINVAL) {
        source->compiled.verdict = HONE_REJECTED;
        source->compiled.reason = HONE_REASON_PLAN;
        snprintf(source->compiled.message, sizeof source->compiled.message, "%s", error->text);
        return 0;
    }
    const struct hone_compile_input input = {
        .task = jobs->task,
        .device = jobs->gate->device,
        .language = source->language,
        .source = source->text,
        .source_bytes = strlen(source->text),
        .options = "",
        .plan = source->plan,
        .library = source->library,
    };
    return code ? code
                : hone_compile(jobs->gate->cache, hardware, &input, &source->compiled, error);
}

void hone_gate_source_finish(struct hone_gate_source *source) {
    hone_compiled_finish(&source->compiled);
    hone_plan_destroy(source->plan);
    source->plan = NULL;
}

static void *compile_some(void *context) {
    struct jobs *jobs = context;
    for (uint32_t i; (i = atomic_fetch_add(&jobs->next, 1)) < jobs->count;) {
        struct hone_gate_source *source = &jobs->sources[i];
        source->code = compile_one(jobs, source);
    }
    return NULL;
}

int hone_gate_compile(const struct hone_gate *gate, const struct hone_task *task,
                      struct hone_gate_source *sources, uint32_t count, struct hone_error *error) {
    struct jobs jobs = {.gate = gate, .task = task, .sources = sources, .count = count};
    pthread_t threads[COMPILERS_MAX];
    long wanted = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    int started = 0;
    while (started < wanted && started < COMPILERS_MAX &&
           !pthread_create(&threads[started], NULL, compile_some, &jobs))
        started++;
    compile_some(&jobs);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    for (uint32_t i = 0; i < count; i++)
        if (sources[i].code)
            return hone_fail(error, sources[i].code, "%s: %.400s", sources[i].name,
                             sources[i].error.text);
    return 0;
}
