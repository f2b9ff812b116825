#include "core/baselines.h"

#include "core/error.h"
#include "core/plan.h"
#include "core/settings.h"
#include "core/task_view.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct built {
    const struct hone_task *task;
    struct hone_task *view;
    char language[16];
    bool emulated;
    struct hone_image images[HONE_BASELINES_MAX];
    struct hone_plan *plans[HONE_BASELINES_MAX];
    struct built *next;
};

struct hone_baselines {
    struct hone_compile_cache *cache;
    const struct hone_instance *hardware;
    uint32_t device;
    struct hone_device description;
    pthread_mutex_t lock; /* held while compiling: whoever needs the same task waits for it */
    struct built *first;
};

struct hone_baselines *hone_baselines_create(struct hone_compile_cache *cache,
                                             const struct hone_instance *hardware,
                                             uint32_t device) {
    struct hone_baselines *baselines = calloc(1, sizeof *baselines);
    if (!baselines)
        return NULL;
    baselines->cache = cache;
    baselines->hardware = hardware;
    baselines->device = device;
    baselines->description.size = sizeof baselines->description;
    hardware->loaded.plugin->hardware->describe(hardware->self, device, &baselines->description);
    pthread_mutex_init(&baselines->lock, NULL);
    return baselines;
}

static void destroy_built(struct built *built) {
    for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++) {
        free((void *)built->images[i].bytes);
        hone_plan_destroy(built->plans[i]);
    }
    hone_task_view_destroy(built->view);
    free(built);
}

void hone_baselines_destroy(struct hone_baselines *baselines) {
    if (!baselines)
        return;
    for (struct built *built = baselines->first, *next; built; built = next) {
        next = built->next;
        destroy_built(built);
    }
    pthread_mutex_destroy(&baselines->lock);
    free(baselines);
}

/* The baseline's plan, NULL without one, tried on what it will run on. */
static int make_plan(const struct hone_baselines *baselines, const struct hone_task *task,
                     const struct hone_baseline *baseline, struct hone_plan **plan,
                     struct hone_error *error) {
    const uint32_t most = hone_measure_workspaces_most(task);
    struct hone_error reason;
    int code = hone_plan_parse_baseline(task, baseline, &baselines->description, plan, &reason);
    if (!code && hone_plan_workspace_count(*plan) > most)
        code = hone_fail(&reason, -EINVAL, "more than %u workspaces", most);
    for (uint32_t i = 0; *plan && !code && i < task->workload_count; i++) {
        struct hone_plan_program *program;
        code = hone_plan_resolve(*plan, &task->workloads[i], &program, &reason);
        if (!code && program->op_count &&
            !hone_device_has(baselines->hardware, baselines->device, "operators"))
            code = hone_fail(&reason, -EINVAL, "this device has no operators");
        hone_plan_program_destroy(program);
    }
    return code ? hone_fail(error, code, "%s: the plan of baseline %s: %.300s", task->id,
                            baseline->file, reason.text)
                : 0;
}

static int build_one(struct hone_baselines *baselines, const struct hone_task *task,
                     const struct hone_baseline *baseline, struct hone_image *image,
                     struct hone_plan **plan, struct hone_error *error) {
    int code = make_plan(baselines, task, baseline, plan, error);
    if (code)
        return code;
    struct hone_compile_input input = {
        .task = task,
        .device = baselines->device,
        .language = baseline->language,
        .source = baseline->source,
        .source_bytes = strlen(baseline->source),
        .options = "",
        .plan = *plan,
        .library = baseline->library,
    };
    struct hone_compiled compiled;
    code = hone_compile(baselines->cache, baselines->hardware, &input, &compiled, error);
    if (code)
        return code;
    if (compiled.verdict != HONE_UNDECIDED) {
        code = hone_fail(error, -EINVAL, "%s: baseline %s does not compile: %.300s", task->id,
                         baseline->file, compiled.message);
    } else {
        *image = (struct hone_image){.bytes = compiled.image,
                                     .size = compiled.image_bytes,
                                     .plan = *plan,
                                     .library = baseline->library != NULL};
        compiled.image = NULL;
    }
    hone_compiled_finish(&compiled);
    return code;
}

static int build(struct hone_baselines *baselines, const struct hone_task *task,
                 const char *language, bool emulated, struct built **out,
                 struct hone_error *error) {
    struct built *built = calloc(1, sizeof *built);
    if (built)
        built->view = hone_task_view_create(task, language, emulated);
    if (!built || !built->view) {
        free(built);
        return hone_fail(error, -ENOMEM, "baselines: out of memory");
    }
    built->task = task;
    built->emulated = emulated;
    snprintf(built->language, sizeof built->language, "%s", language);
    for (uint32_t i = 0; i < built->view->baseline_count; i++) {
        int code = build_one(baselines, built->view, &built->view->baselines[i], &built->images[i],
                             &built->plans[i], error);
        if (code) {
            destroy_built(built);
            return code;
        }
    }
    built->next = baselines->first;
    baselines->first = built;
    *out = built;
    return 0;
}

int hone_baselines_get(struct hone_baselines *baselines, const struct hone_task *task,
                       const char *language, bool emulated, const struct hone_task **view,
                       struct hone_image images[HONE_BASELINES_MAX], struct hone_error *error) {
    pthread_mutex_lock(&baselines->lock);
    struct built *built = baselines->first;
    while (built && (built->task != task || built->emulated != emulated ||
                     strcmp(built->language, language) != 0))
        built = built->next;
    int code = built ? 0 : build(baselines, task, language, emulated, &built, error);
    if (!code) {
        memcpy(images, built->images, sizeof built->images);
        *view = built->view;
    }
    pthread_mutex_unlock(&baselines->lock);
    return code;
}

struct place {
    const struct hone_instance *hardware;
    uint32_t device;
};

bool hone_device_has(const struct hone_instance *hardware, uint32_t device, const char *name) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    struct hone_feature feature = {.size = sizeof feature};
    if (!HONE_HAS(ops, features))
        return false;
    for (uint32_t i = 0; !ops->features(hardware->self, device, i, &feature); i++) {
        if (strcmp(feature.name, name) == 0)
            return feature.there;
        feature.size = sizeof feature;
    }
    return false;
}

static bool has_library(void *context, const char *library) {
    const struct place *place = context;
    return hone_device_has(place->hardware, place->device, library);
}

static enum hone_sizes profile_of(const struct hone_settings *settings,
                                  const struct hone_instance *hardware, uint32_t device) {
    const char *wanted = hone_settings_text(settings, "measure", "profile");
    struct hone_device description = {.size = sizeof description};
    if (strcmp(wanted, "auto") != 0)
        return strcmp(wanted, "gpu") == 0 ? HONE_SIZES_GPU : HONE_SIZES_CPU;
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    return ops->describe(hardware->self, device, &description) == 0 && description.memory_bytes > 0
               ? HONE_SIZES_GPU
               : HONE_SIZES_CPU;
}

void hone_baselines_settle(struct hone_task *const *tasks, uint32_t count,
                           const struct hone_settings *settings,
                           const struct hone_instance *hardware, uint32_t device) {
    struct place place = {hardware, device};
    const enum hone_sizes profile = profile_of(settings, hardware, device);
    for (uint32_t i = 0; i < count; i++) {
        hone_task_settle(tasks[i], has_library, &place);
        hone_task_choose(tasks[i], profile);
    }
}
