#include "core/rescore_audit.h"

#include "core/error.h"
#include "core/loader.h"
#include "core/recall.h"
#include "core/run_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hone_audit {
    const struct hone_settings *settings;
    struct hone_instance *detectors;
    struct hone_recall *recall; /* of the run, once it is asked for an image */
    uint32_t count;
    /* The worst finding of the step at hand. */
    uint32_t severity;
    char text[320];
};

int hone_audit_open(const struct hone_settings *settings, struct hone_audit **out,
                    struct hone_error *error) {
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_DETECTOR, &count);
    struct hone_audit *audit = calloc(1, sizeof *audit);
    int failed = 0;
    if (audit)
        audit->detectors = calloc(count + 1, sizeof *audit->detectors);
    if (!audit || !audit->detectors)
        failed = hone_fail(error, -ENOMEM, "out of memory");
    else
        audit->settings = settings;
    for (uint32_t i = 0; !failed && i < count; i++) {
        if (!uses[i].audit)
            continue;
        failed = hone_instance_create(settings, uses[i].name, HONE_DETECTOR, NULL, NULL,
                                      &audit->detectors[audit->count], error);
        audit->count += !failed;
    }
    if (!failed && !audit->count)
        failed = hone_fail(error, -ENOENT,
                           "--audit: no detector is marked so; `--set detectors.NAME=audit` "
                           "marks one");
    if (failed)
        hone_audit_close(audit);
    else
        *out = audit;
    return failed;
}

void hone_audit_close(struct hone_audit *audit) {
    if (!audit)
        return;
    for (uint32_t i = 0; i < audit->count; i++)
        hone_instance_destroy(&audit->detectors[i]);
    hone_recall_close(audit->recall);
    free(audit->detectors);
    free(audit);
}

static void report(void *host, const char *rule, uint32_t severity, uint32_t line,
                   const char *text) {
    struct hone_audit *audit = host;
    severity = hone_settings_severity(audit->settings, rule, severity);
    if (severity <= audit->severity)
        return;
    char where[32] = "";
    if (line)
        snprintf(where, sizeof where, ", line %u", line);
    audit->severity = severity;
    snprintf(audit->text, sizeof audit->text, "%.40s%s: %.240s", rule, where, text);
}

static int blame(const struct hone_instance *instance, int failed, struct hone_error *error) {
    return hone_fail(error, failed, "detector %s: %s", instance->loaded.plugin->name,
                     strerror(-failed));
}

static int look(struct hone_audit *audit, const struct hone_source *source,
                const struct hone_evidence *evidence, struct hone_error *error) {
    const struct hone_findings findings = {
        .size = sizeof findings, .host = audit, .report = report};
    for (uint32_t i = 0; i < audit->count; i++) {
        const struct hone_instance *instance = &audit->detectors[i];
        const struct hone_detector_ops *ops = instance->loaded.plugin->detector;
        int failed = HONE_HAS(ops, inspect_source)
                         ? ops->inspect_source(instance->self, source, &findings)
                         : 0;
        if (!failed && HONE_HAS(ops, inspect_run) && evidence->workload_count > 0)
            failed = ops->inspect_run(instance->self, evidence, &findings);
        if (failed)
            return blame(instance, failed, error);
    }
    return 0;
}

static int look_at_image(struct hone_audit *audit, const struct hone_image_record *image,
                         const struct hone_source *source, struct hone_error *error) {
    const struct hone_findings findings = {
        .size = sizeof findings, .host = audit, .report = report};
    const struct hone_binary binary = {.size = sizeof binary,
                                       .image = image->image,
                                       .image_bytes = image->image_bytes,
                                       .listing = image->listing,
                                       .listing_bytes = image->listing_bytes,
                                       .language = source->language,
                                       .task = source->task,
                                       .entries = image->entries};
    for (uint32_t i = 0; i < audit->count; i++) {
        const struct hone_instance *instance = &audit->detectors[i];
        const struct hone_detector_ops *ops = instance->loaded.plugin->detector;
        int failed = HONE_HAS(ops, inspect_binary)
                         ? ops->inspect_binary(instance->self, &binary, &findings)
                         : 0;
        if (failed)
            return blame(instance, failed, error);
    }
    return 0;
}

static bool wants_images(const struct hone_audit *audit) {
    for (uint32_t i = 0; i < audit->count; i++)
        if (HONE_HAS(audit->detectors[i].loaded.plugin->detector, inspect_binary))
            return true;
    return false;
}

static int look_at_images(struct hone_audit *audit, const struct hone_run *run, uint64_t step,
                          const struct hone_source *source, struct hone_error *error) {
    if (!wants_images(audit))
        return 0;
    int failed = audit->recall ? 0 : hone_recall_open(hone_run_path(run), &audit->recall, error);
    for (uint32_t i = 0; !failed && i < HONE_STORE_IMAGES_MAX; i++) {
        struct hone_image_record image;
        void *memory;
        int code = hone_recall_image(audit->recall, step, i, &image, &memory);
        if (code == -ENOENT)
            continue;
        if (code)
            return hone_fail(error, code, "step %llu: its image cannot be read: %s",
                             (unsigned long long)step, strerror(-code));
        failed = look_at_image(audit, &image, source, error);
        free(memory);
    }
    return failed;
}

int hone_audit_look(struct hone_audit *audit, struct hone_run *run, struct hone_rescored *row,
                    uint64_t evidence_step, struct hone_evidence *evidence,
                    struct hone_error *error) {
    char *text;
    size_t size;
    if (row->verdict == HONE_INFRA_FAILED)
        return 0;
    int failed = hone_run_source(run, row->step, &text, &size, error);
    if (failed == -ENOENT)
        return 0; /* answered before there was one */
    if (failed)
        return failed;
    const struct hone_source source = {.size = sizeof source,
                                       .bytes = (uint32_t)size,
                                       .text = text,
                                       .language = evidence->language,
                                       .task = row->task};
    audit->severity = 0;
    failed = look(audit, &source, evidence, error);
    if (!failed)
        failed = look_at_images(audit, run, evidence_step, &source, error);
    free(text);
    if (failed || !audit->severity)
        return failed;
    row->finding = strdup(audit->text);
    if (audit->severity >= HONE_ZERO && row->verdict == HONE_PASSED) {
        evidence->verdict = row->verdict = HONE_HACKED;
        evidence->reason = HONE_REASON_FINDING;
    }
    return row->finding ? 0 : hone_fail(error, -ENOMEM, "out of memory");
}
