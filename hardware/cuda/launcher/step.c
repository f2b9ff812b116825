#include "hardware/cuda/launcher/step.h"

#include <string.h>

#define DEFAULT_SHARED_BYTES 49152u /* more has to be asked for */
#define PORTABLE_CLUSTER 8u
#define PARAMETER_BYTES_MAX 32768u /* of one kernel */

bool reading_take(struct reading *reading, uint64_t *word) {
    if (reading->at == reading->end)
        return false;
    *word = *reading->at++;
    return true;
}

bool queueing_translate(const struct queueing *queueing, uint64_t *word, uint64_t *room) {
    const struct program *program = &queueing->launcher->program;
    for (uint32_t i = 0; i < program->buffer_count; i++) {
        const struct hone_launcher_region *region = &program->buffers[i].region;
        if (*word < region->address || *word - region->address > region->bytes)
            continue;
        *room = region->bytes - (*word - region->address);
        *word = program->buffers[i].kernel + (*word - region->address);
        queueing->touches[i] = true;
        return true;
    }
    return false;
}

/* A launch or a call in the words of a call: plugins/hardware.h says how it lies there. */
struct step {
    struct cuda_launch launch;
    uint32_t cluster[3];
    uint32_t entry, line, argument_count;
    const uint64_t *arguments;
};

static bool read_shape(struct reading *reading, struct step *step) {
    uint64_t grid, depth, block, place, cluster;
    if (!reading_take(reading, &grid) || !reading_take(reading, &depth) ||
        !reading_take(reading, &block) || !reading_take(reading, &place) ||
        !reading_take(reading, &cluster))
        return false;
    step->line = (uint32_t)(place >> 32);
    step->launch = (struct cuda_launch){
        .grid = {(uint32_t)grid, (uint32_t)(grid >> 32), (uint32_t)depth},
        .block = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)place},
        .shared_bytes = (uint32_t)(depth >> 32),
    };
    step->cluster[0] = (uint32_t)cluster & 0xffff;
    step->cluster[1] = (uint32_t)(cluster >> 16) & 0xffff;
    step->cluster[2] = (uint32_t)(cluster >> 32);
    return true;
}

static bool read_step(struct reading *reading, uint64_t head, struct step *step) {
    uint64_t count;
    *step = (struct step){.entry = (uint32_t)(head >> 32)};
    if (!reading_take(reading, &count) ||
        ((uint32_t)head == HONE_STEP_LAUNCH && !read_shape(reading, step)) ||
        count > (uint64_t)(reading->end - reading->at))
        return false;
    step->argument_count = (uint32_t)count;
    step->arguments = reading->at;
    reading->at += count;
    return true;
}

static int ask_for(struct launcher *launcher, const struct step *step) {
    const struct cuda_driver *driver = &launcher->driver;
    void *function = launcher->program.functions[step->entry];
    uint32_t *most = &launcher->program.shared_most[step->entry];
    int own = 0, result = driver->function_get(&own, CUDA_FUNCTION_SHARED, function);
    if (result == 0 && step->launch.shared_bytes + (uint32_t)own > DEFAULT_SHARED_BYTES &&
        step->launch.shared_bytes > *most) {
        result = driver->function_set(function, CUDA_FUNCTION_MAX_DYNAMIC_SHARED,
                                      (int)step->launch.shared_bytes);
        *most = step->launch.shared_bytes;
    }
    if (result == 0 && step->cluster[0] * step->cluster[1] * step->cluster[2] > PORTABLE_CLUSTER)
        result = driver->function_set(function, CUDA_FUNCTION_LARGE_CLUSTERS, 1);
    return result;
}

/* The arguments as the device has them. */
static int take_arguments(const struct queueing *queueing, const struct step *step, uint32_t kind,
                          uint64_t words[HONE_LAUNCHER_ARGUMENTS_MAX]) {
    const struct launcher *launcher = queueing->launcher;
    struct hone_launcher_reply *reply = queueing->reply;
    if (step->entry >= launcher->program.entry_count ||
        launcher->program.entries[step->entry].kind != kind)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a step of entry %u of %u",
                             step->entry, launcher->program.entry_count);
    const struct hone_launcher_entry *entry = &launcher->program.entries[step->entry];
    if (step->argument_count != entry->argument_count)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                             "a step with %u arguments for the %u of %.60s", step->argument_count,
                             entry->argument_count, entry->name);
    for (uint32_t i = 0; i < entry->argument_count; i++) {
        uint64_t room;
        words[i] = step->arguments[i];
        if (entry->kinds[i] == HONE_ARGUMENT_POINTER &&
            !queueing_translate(queueing, &words[i], &room))
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                                 "argument %u of %.60s points into no region", i, entry->name);
    }
    return 0;
}

static int launch(const struct queueing *queueing, struct step *step, uint64_t *words) {
    static uint64_t nothing[PARAMETER_BYTES_MAX / sizeof(uint64_t)];
    struct launcher *launcher = queueing->launcher;
    const struct hone_launcher_entry *entry = &launcher->program.entries[step->entry];
    /* A kernel that takes more than it is given reads zeros. */
    void *parameters[PARAMETER_BYTES_MAX / 4];
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        parameters[i] = i < entry->argument_count ? &words[i] : nothing;
    struct cuda_launch_attribute cluster = {.id = CUDA_ATTRIBUTE_CLUSTER};
    memcpy(cluster.value.cluster, step->cluster, sizeof step->cluster);
    step->launch.stream = launcher->stream;
    if (step->cluster[0] * step->cluster[1] * step->cluster[2] > 1) {
        step->launch.attributes = &cluster;
        step->launch.attribute_count = 1;
    }
    void *function = launcher->program.functions[step->entry];
    int result = ask_for(launcher, step);
    if (result == 0)
        result = launcher->driver.launch(&step->launch, function, parameters, NULL);
    return result ? launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_CRASHED, result,
                                  "line %u: %.60s cannot be launched", step->line, entry->name)
                  : 0;
}

static int queue_own(const struct queueing *queueing, struct reading *reading, uint64_t head) {
    uint64_t words[HONE_LAUNCHER_ARGUMENTS_MAX];
    struct step step;
    if (!read_step(reading, head, &step))
        return launcher_fail(queueing->launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                             "a step beyond the words of its call");
    if (take_arguments(queueing, &step, (uint32_t)head, words))
        return -1;
    if ((uint32_t)head == HONE_STEP_CALL)
        return function_queue(queueing, &queueing->launcher->program.entries[step.entry], words);
    return queueing->is_trial ? 0 : launch(queueing, &step, words);
}

enum hone_step_kind step_queue(const struct queueing *queueing, struct reading *reading) {
    uint64_t head = 0;
    int failed = reading_take(reading, &head) ? 0 : -1;
    const uint64_t words = head >> 32;
    switch (failed ? 0 : (uint32_t)head) {
    case HONE_STEP_LAUNCH:
    case HONE_STEP_CALL:
        failed = queue_own(queueing, reading, head);
        break;
    case HONE_STEP_OP:
        if (words <= (uint64_t)(reading->end - reading->at)) {
            failed = operator_queue(queueing, reading->at, words);
            reading->at += words;
            break;
        }
        /* fallthrough */
    default:
        failed = launcher_fail(queueing->launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                               "a step of a call is none that is known");
    }
    return failed ? 0 : (enum hone_step_kind)(uint32_t)head;
}
