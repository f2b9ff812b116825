#include "core/rescore_audit.h"

#include "core/error.h"
#include "core/findings.h"
#include "core/loader.h"
#include "core/recall.h"
#include "core/rescore_private.h"
#include "core/run_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hone_audit {
    const struct hone_settings *settings;
    struct hone_watch *watch;
    uint32_t limit_ms; /* of one call of a detector */
    struct hone_instance *detectors;
    struct hone_recall *recall; /* of the run, once it is asked for an image */
    uint32_t count;
    const char *looking; /* the detector that is called */
    /* The worst finding of the step at hand. */
    uint32_t severity;
    char text[320];
};

static int create(struct hone_audit *audit, const char *name, struct hone_error *error) {
    hone_watch_begin(audit->watch, HONE_WATCH_LOAD_MS, "detector %s: create", name);
    int failed = hone_instance_create(audit->settings, name, HONE_DETECTOR, NULL, NULL,
                                      &audit->detectors[audit->count], error);
    audit->count += !failed;
    hone_watch_end(audit->watch);
    return failed;
}

int hone_audit_open(const struct hone_settings *settings, struct hone_watch *watch,
                    struct hone_audit **out, struct hone_error *error) {
    uint32_t count;
    const struct hone_use *uses = hone_settings_uses(settings, HONE_DETECTOR, &count);
    struct hone_audit *audit = calloc(1, sizeof *audit);
    int failed = 0;
    if (audit)
        audit->detectors = calloc(count + 1, sizeof *audit->detectors);
    if (!audit || !audit->detectors)
        failed = hone_fail(error, -ENOMEM, "out of memory");
    else
        *audit = (struct hone_audit){
            .settings = settings,
            .watch = watch,
            .limit_ms = (uint32_t)hone_settings_integer(settings, "scorer", "deadline_ms"),
            .detectors = audit->detectors};
    for (uint32_t i = 0; !failed && i < count; i++)
        if (uses[i].audit)
            failed = create(audit, uses[i].name, error);
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
    struct hone_finding finding = hone_finding_make(audit->looking, rule, severity, line, text);
    hone_finding_settle(&finding, audit->settings);
    if (finding.severity <= audit->severity)
        return;
    char where[32] = "";
    if (line)
        snprintf(where, sizeof where, ", line %u", line);
    audit->severity = finding.severity;
    snprintf(audit->text, sizeof audit->text, "%s%s: %s", finding.rule, where, finding.text);
}

/* One call of one detector. */
enum operation { SOURCE, BINARY, RUN };

static int call(struct hone_audit *audit, const struct hone_instance *instance,
                enum operation operation, uint64_t step, const void *subject,
                struct hone_error *error) {
    const struct hone_findings findings = {
        .size = sizeof findings, .host = audit, .report = report};
    const struct hone_detector_ops *ops = instance->loaded.plugin->detector;
    const char *name = instance->loaded.plugin->name;
    int code = 0;
    audit->looking = name;
    hone_watch_begin(audit->watch, audit->limit_ms, "step %llu: detector %s",
                     (unsigned long long)step, name);
    if (operation == SOURCE && HONE_HAS(ops, inspect_source))
        code = ops->inspect_source(instance->self, subject, &findings);
    else if (operation == BINARY && HONE_HAS(ops, inspect_binary))
        code = ops->inspect_binary(instance->self, subject, &findings);
    else if (operation == RUN && HONE_HAS(ops, inspect_run))
        code = ops->inspect_run(instance->self, subject, &findings);
    hone_watch_end(audit->watch);
    return code ? hone_fail(error, -EREMOTEIO, "step %llu: detector %s: %s",
                            (unsigned long long)step, name, hone_error_text(code))
                : 0;
}

static int look(struct hone_audit *audit, uint64_t step, const struct hone_source *source,
                const struct hone_evidence *evidence, struct hone_error *error) {
    int failed = 0;
    for (uint32_t i = 0; i < audit->count && !failed; i++) {
        failed = call(audit, &audit->detectors[i], SOURCE, step, source, error);
        if (!failed && evidence->workload_count > 0)
            failed = call(audit, &audit->detectors[i], RUN, step, evidence, error);
    }
    return failed;
}

static int look_at_image(struct hone_audit *audit, uint64_t step,
                         const struct hone_image_record *image, const struct hone_source *source,
                         struct hone_error *error) {
    const struct hone_binary binary = {.size = sizeof binary,
                                       .image = image->image,
                                       .image_bytes = image->image_bytes,
                                       .listing = image->listing,
                                       .listing_bytes = image->listing_bytes,
                                       .language = source->language,
                                       .task = source->task,
                                       .entries = image->entries};
    int failed = 0;
    for (uint32_t i = 0; i < audit->count && !failed; i++)
        failed = call(audit, &audit->detectors[i], BINARY, step, &binary, error);
    return failed;
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
        failed = look_at_image(audit, step, &image, source, error);
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
    struct hone_sealed sealed;
    audit->severity = 0;
    failed = hone_rescore_seal(&evidence, 1, &sealed, error);
    if (!failed) {
        failed = look(audit, row->step, &source, sealed.rows[0], error);
        hone_rescore_unseal(&sealed);
    }
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
