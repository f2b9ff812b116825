#include "core/plugin_check.h"

#include "core/scorer_wire.h"
#include "core/task.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FINDINGS_MAX 256u
#define SAMPLES_MAX 64

struct collector {
    struct hone_finding rows[FINDINGS_MAX];
    uint32_t count, lost, bad;
};

static void report(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text) {
    struct collector *collector = host;
    if (!rule || !*rule || strlen(rule) >= HONE_NAME_SIZE || !text || severity < HONE_NOTE ||
        severity > HONE_QUARANTINE)
        collector->bad++;
    if (collector->count == FINDINGS_MAX) {
        collector->lost++;
        return;
    }
    struct hone_finding *finding = &collector->rows[collector->count++];
    finding->severity = severity;
    finding->line = line;
    snprintf(finding->rule, sizeof finding->rule, "%s", rule ? rule : "");
    snprintf(finding->text, sizeof finding->text, "%s", text ? text : "");
}

/* Score twice on the same bytes. */
static void score_sample(struct hone_check *check, const struct hone_sample *sample) {
    const struct hone_reward_ops *ops = check->loaded->plugin->reward;
    uint32_t bytes = sample->evidence->bytes;
    double value[2] = {(double)NAN, (double)NAN};
    int result[2];
    void *before = malloc(bytes);
    if (!before)
        return;
    memcpy(before, sample->evidence, bytes);
    hone_check_doing(check, "score: %s", sample->name);
    for (int i = 0; i < 2; i++)
        result[i] = ops->score(check->self, sample->evidence, &value[i]);
    if (result[0] > 0)
        hone_check_failed(check, "returned %d, expected 0 or a negative errno", result[0]);
    else if (result[0] != result[1] || (!result[0] && memcmp(&value[0], &value[1], sizeof *value)))
        hone_check_failed(check, "gave %g (%d), then %g (%d) on the same bytes", value[0],
                          result[0], value[1], result[1]);
    else if (!result[0] && !isfinite(value[0]))
        hone_check_failed(check, "gave %g, expected a finite number or a negative errno", value[0]);
    else if (sample->ordinary && result[0])
        hone_check_failed(check, "refused ordinary evidence with %d (%s)", result[0],
                          strerror(-result[0]));
    else if (memcmp(before, sample->evidence, bytes))
        hone_check_failed(check, "changed the evidence");
    else
        hone_check_passed(check);
    free(before);
}

/* Score all ordinary samples as one group, twice. */
static void score_group(struct hone_check *check) {
    const struct hone_reward_ops *ops = check->loaded->plugin->reward;
    struct hone_sample samples[SAMPLES_MAX];
    const struct hone_evidence *group[SAMPLES_MAX];
    double value[2][SAMPLES_MAX];
    uint32_t made = 0, count = 0;
    int result[2];
    for (; made < SAMPLES_MAX && hone_sample_make(made, &samples[made]); made++)
        if (samples[made].ordinary)
            group[count++] = samples[made].evidence;
    hone_check_doing(check, "score_group: %u rollouts", count);
    for (int i = 0; i < 2; i++) {
        for (uint32_t j = 0; j < count; j++)
            value[i][j] = (double)NAN;
        result[i] = ops->score_group(check->self, group, count, value[i]);
    }
    uint32_t finite = 0;
    while (finite < count && isfinite(value[0][finite]))
        finite++;
    if (result[0])
        hone_check_failed(check, "returned %d for ordinary evidence", result[0]);
    else if (result[1] || memcmp(value[0], value[1], count * sizeof *value[0]))
        hone_check_failed(check, "gave other numbers the second time");
    else if (finite < count)
        hone_check_failed(check, "gave %g, expected finite numbers", value[0][finite]);
    else
        hone_check_passed(check);
    while (made > 0)
        hone_sample_finish(&samples[--made]);
}

void hone_check_reward(struct hone_check *check) {
    const struct hone_reward_ops *ops = check->loaded->plugin->reward;
    struct hone_sample sample;
    for (uint32_t i = 0; HONE_HAS(ops, score) && hone_sample_make(i, &sample); i++) {
        score_sample(check, &sample);
        hone_sample_finish(&sample);
    }
    if (HONE_HAS(ops, score_group))
        score_group(check);
}

/* What one detector call is tried on; only the field of its operation is set. */
struct subject {
    const char *name;
    bool ordinary;
    const struct hone_source *source;
    const struct hone_binary *binary;
    const struct hone_evidence *evidence;
};

static int call_detector(struct hone_check *check, const struct subject *subject,
                         const struct hone_findings *findings) {
    const struct hone_detector_ops *ops = check->loaded->plugin->detector;
    return subject->source   ? ops->inspect_source(check->self, subject->source, findings)
           : subject->binary ? ops->inspect_binary(check->self, subject->binary, findings)
                             : ops->inspect_run(check->self, subject->evidence, findings);
}

static void inspect_subject(struct hone_check *check, const struct subject *subject) {
    struct collector *collectors = calloc(2, sizeof *collectors);
    int result[2];
    if (!collectors)
        return;
    hone_check_doing(check, "inspect_%s: %s",
                     subject->source   ? "source"
                     : subject->binary ? "binary"
                                       : "run",
                     subject->name);
    for (int i = 0; i < 2; i++) {
        const struct hone_findings findings = {
            .size = sizeof findings, .host = &collectors[i], .report = report};
        result[i] = call_detector(check, subject, &findings);
    }
    if (result[0] > 0)
        hone_check_failed(check, "returned %d, expected 0 or a negative errno", result[0]);
    else if (result[0] != result[1] || memcmp(&collectors[0], &collectors[1], sizeof *collectors))
        hone_check_failed(check, "said two things about the same bytes");
    else if (collectors[0].bad)
        hone_check_failed(check,
                          "%u findings without a rule under %d bytes, a text, or a known severity",
                          collectors[0].bad, HONE_NAME_SIZE);
    else if (subject->ordinary && result[0])
        hone_check_failed(check, "failed with %d (%s)", result[0], strerror(-result[0]));
    else
        hone_check_passed(check);
    free(collectors);
}

/* Bytes a candidate might be: text, nothing, NULs, noise, one endless line. */
static void inspect_bytes(struct hone_check *check, const char *name, const void *bytes,
                          size_t size, bool ordinary) {
    const struct hone_detector_ops *ops = check->loaded->plugin->detector;
    void *mapping;
    size_t mapping_bytes;
    char *copy = hone_guarded(size + 1, &mapping, &mapping_bytes);
    if (!copy)
        return;
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    const struct hone_source source = {.size = sizeof source,
                                       .bytes = (uint32_t)size,
                                       .text = copy,
                                       .language = "c",
                                       .task = "dl/softmax"};
    const struct hone_binary binary = {.size = sizeof binary,
                                       .image = copy,
                                       .image_bytes = size,
                                       .language = "c",
                                       .task = "dl/softmax"};
    if (HONE_HAS(ops, inspect_source))
        inspect_subject(check, &(struct subject){name, ordinary, &source, NULL, NULL});
    if (HONE_HAS(ops, inspect_binary))
        inspect_subject(check, &(struct subject){name, false, NULL, &binary, NULL});
    munmap(mapping, mapping_bytes);
}

void hone_check_detector(struct hone_check *check) {
    static const char text[] = "void solve(const float *x, float *y, int64_t n) {\n"
                               "    for (int64_t i = 0; i < n; i++)\n"
                               "        y[i] = x[i]; /* \"quoted */\n}\n";
    static const char head[] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\377\377\377\377\377";
    const size_t long_bytes = 1 << 18;
    inspect_bytes(check, "a kernel", text, sizeof text - 1, true);
    inspect_bytes(check, "nothing", "", 0, true);
    inspect_bytes(check, "NUL bytes", "a\0b\0\0", 5, false);
    inspect_bytes(check, "an ELF header with wild offsets", head, sizeof head - 1, false);
    inspect_bytes(check, "an open comment", "/* \" ' \\", 8, false);
    char *noise = malloc(long_bytes);
    if (noise) {
        uint32_t state = 1;
        for (size_t i = 0; i < long_bytes; i++)
            noise[i] = (char)((state = state * 1664525u + 1013904223u) >> 24);
        inspect_bytes(check, "noise", noise, long_bytes, false);
        memset(noise, '(', long_bytes);
        inspect_bytes(check, "one endless line", noise, long_bytes, false);
        free(noise);
    }
    struct hone_sample sample;
    if (!HONE_HAS(check->loaded->plugin->detector, inspect_run))
        return;
    for (uint32_t i = 0; hone_sample_make(i, &sample); i++) {
        inspect_subject(
            check, &(struct subject){sample.name, sample.ordinary, NULL, NULL, sample.evidence});
        hone_sample_finish(&sample);
    }
}

/* A hash would do; the text itself tells nothing more. */
static uint64_t digest(const struct hone_task_description *description) {
    uint64_t sum = description->file_count;
    for (uint32_t i = 0; i < description->file_count; i++) {
        const struct hone_task_file *file = &description->files[i];
        for (const char *at = file->name; *at; at++)
            sum = (sum ^ (unsigned char)*at) * 0x100000001b3u;
        for (uint64_t k = 0; k < file->bytes; k++)
            sum = (sum ^ (unsigned char)file->text[k]) * 0x100000001b3u;
    }
    return sum;
}

static void describe_task(struct hone_check *check, uint32_t index) {
    const struct hone_task_ops *ops = check->loaded->plugin->task;
    uint64_t sums[2] = {0, 0};
    hone_check_doing(check, "describe: task %u", index);
    for (int round = 0; round < 2; round++) {
        struct hone_task_description description = {.size = sizeof description};
        struct hone_error why = {{0}};
        bool has_json = false, sorted = true;
        if (ops->describe(check->self, index, &description, &why)) {
            hone_check_failed(check, "%s", why.text[0] ? why.text : "failed without a text");
            return;
        }
        for (uint32_t i = 0; i < description.file_count; i++) {
            has_json = has_json || !strcmp(description.files[i].name, "task.json");
            sorted = sorted &&
                     (!i || strcmp(description.files[i - 1].name, description.files[i].name) < 0);
            sorted = sorted && !description.files[i].text[description.files[i].bytes];
        }
        if (!has_json || !sorted) {
            hone_check_failed(check, "%s",
                              has_json ? "its files are not sorted by name, or end without a NUL"
                                       : "has no task.json");
            return;
        }
        sums[round] = digest(&description);
        for (uint32_t variant = 0, variants = 1; variant < variants; variant++) {
            struct hone_task *task;
            if (hone_task_parse_variant(&description, variant, &task, &why)) {
                hone_check_failed(check, "%s", why.text);
                return;
            }
            variants = task->dtype_count ? task->dtype_count : 1;
            hone_task_destroy(task);
        }
    }
    if (sums[0] != sums[1])
        hone_check_failed(check, "gave two texts");
    else
        hone_check_passed(check);
}

void hone_check_task(struct hone_check *check) {
    const struct hone_task_ops *ops = check->loaded->plugin->task;
    uint32_t count[2] = {0, 0};
    hone_check_doing(check, "count");
    int result = ops->count(check->self, &count[0]);
    if (result || ops->count(check->self, &count[1]) || count[0] != count[1]) {
        hone_check_failed(check, "%u, then %u (%d)", count[0], count[1], result);
        return;
    }
    hone_check_passed(check);
    for (uint32_t i = 0; i < count[0] && i < 1000; i++)
        describe_task(check, i);
    hone_check_doing(check, "describe: past the last");
    struct hone_task_description description = {.size = sizeof description};
    if (ops->describe(check->self, count[0], &description, NULL))
        hone_check_passed(check);
    else
        hone_check_failed(check, "accepted, expected a negative errno");
}

/* A host may know less of a struct the backend fills than the backend does. */
static void describe_device(struct hone_check *check, uint32_t index) {
    const struct hone_hardware_ops *ops = check->loaded->plugin->hardware;
    struct hone_device whole = {.size = sizeof whole};
    union {
        struct hone_device device;
        unsigned char bytes[sizeof(struct hone_device)];
    } small;
    const uint32_t known = offsetof(struct hone_device, clock_hz);
    hone_check_doing(check, "describe: device %u", index);
    int result = ops->describe(check->self, index, &whole);
    if (result || !memchr(whole.id, '\0', sizeof whole.id) || !whole.id[0]) {
        hone_check_failed(check, "gave %d and no id", result);
        return;
    }
    hone_check_passed(check);
    hone_check_doing(check, "describe: device %u for an older host", index);
    memset(&small, 0x5a, sizeof small);
    small.device.size = known;
    result = ops->describe(check->self, index, &small.device);
    bool kept = true;
    for (size_t i = known; i < sizeof small; i++)
        kept = kept && small.bytes[i] == 0x5a;
    if (result || !kept)
        hone_check_failed(check, kept ? "refused it (%d)" : "wrote past the host's size (%d)",
                          result);
    else
        hone_check_passed(check);
}

void hone_check_hardware(struct hone_check *check) {
    const struct hone_hardware_ops *ops = check->loaded->plugin->hardware;
    uint32_t count = 0;
    hone_check_doing(check, "device_count");
    int result = ops->device_count(check->self, &count);
    if (result) {
        hone_check_failed(check, "gave %d", result);
        return;
    }
    hone_check_passed(check);
    for (uint32_t i = 0; i < count && i < 64; i++)
        describe_device(check, i);
    hone_check_doing(check, "supports: a language nobody has");
    if (count && ops->supports(check->self, 0, "no such language") != HONE_UNSUPPORTED)
        hone_check_failed(check, "claims to");
    else
        hone_check_passed(check);
}
