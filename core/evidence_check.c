#include "core/evidence.h"

#include "core/error.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool ends(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

/* An array of rows of at least `least` bytes each lies behind the struct and inside the block. */
static bool is_inside(const struct hone_evidence *evidence, uint32_t offset, uint32_t count,
                      uint32_t size, size_t least) {
    if (!count)
        return true;
    return size >= least && size % 8 == 0 && offset % 8 == 0 && offset >= evidence->size &&
           offset + (uint64_t)count * size <= evidence->bytes;
}

static int check_rows(const struct hone_evidence *evidence, struct hone_error *error) {
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (!ends(row->id, sizeof row->id) || row->axis_count > HONE_AXES_MAX ||
            row->baseline_count > HONE_BASELINES_MAX)
            return hone_fail(error, -EINVAL, "evidence: workload %u is malformed", i);
    }
    for (uint32_t i = 0; i < evidence->profile_count; i++)
        if (!ends(hone_evidence_profile(evidence, i)->name,
                  sizeof(struct hone_profile_row){0}.name))
            return hone_fail(error, -EINVAL, "evidence: profile %u has an endless name", i);
    for (uint32_t i = 0; i < evidence->probe_count; i++)
        if (!ends(hone_evidence_probe(evidence, i)->id, sizeof(struct hone_probe_row){0}.id))
            return hone_fail(error, -EINVAL, "evidence: probe %u has an endless id", i);
    for (uint32_t i = 0; i < evidence->counter_count; i++)
        if (!ends(hone_evidence_counter(evidence, i)->name,
                  sizeof(struct hone_profile_counter){0}.name))
            return hone_fail(error, -EINVAL, "evidence: counter %u has an endless name", i);
    for (uint32_t i = 0; i < evidence->finding_count; i++) {
        const struct hone_finding *finding = hone_evidence_finding(evidence, i);
        if (!ends(finding->rule, sizeof finding->rule) ||
            !ends(finding->text, sizeof finding->text))
            return hone_fail(error, -EINVAL, "evidence: finding %u has an endless text", i);
    }
    return 0;
}

int hone_evidence_check(const void *block, uint64_t bytes, struct hone_error *error) {
    const struct hone_evidence *evidence = block;
    if (bytes < sizeof *evidence || (uintptr_t)block % 8)
        return hone_fail(error, -EINVAL,
                         "evidence: %llu bytes, expected at least %zu, aligned to 8",
                         (unsigned long long)bytes, sizeof *evidence);
    if (evidence->version != HONE_EVIDENCE_VERSION)
        return hone_fail(error, -EINVAL, "evidence: version %u, host has %u", evidence->version,
                         HONE_EVIDENCE_VERSION);
    if (evidence->size < sizeof *evidence || evidence->size > evidence->bytes ||
        evidence->bytes > bytes)
        return hone_fail(error, -EINVAL,
                         "evidence: sizes %u and %u do not fit %llu bytes, expected at least %zu",
                         evidence->size, evidence->bytes, (unsigned long long)bytes,
                         sizeof *evidence);
    if (evidence->verdict >= HONE_VERDICT_COUNT || evidence->reason >= HONE_REASON_COUNT ||
        evidence->baseline_count > HONE_BASELINES_MAX)
        return hone_fail(error, -EINVAL, "evidence: verdict %u, reason %u or %u baselines unknown",
                         evidence->verdict, evidence->reason, evidence->baseline_count);
    bool named = ends(evidence->language, sizeof evidence->language) &&
                 ends(evidence->device, sizeof evidence->device) &&
                 ends(evidence->profile_note, sizeof evidence->profile_note);
    for (uint32_t i = 0; i < HONE_BASELINES_MAX; i++)
        named = named && ends(evidence->baseline_name[i], sizeof evidence->baseline_name[i]);
    if (!named)
        return hone_fail(error, -EINVAL, "evidence: a name has no end");
    if (!is_inside(evidence, evidence->workload_offset, evidence->workload_count,
                   evidence->workload_size, sizeof(struct hone_workload_row)) ||
        !is_inside(evidence, evidence->profile_offset, evidence->profile_count,
                   evidence->profile_size, sizeof(struct hone_profile_row)) ||
        !is_inside(evidence, evidence->finding_offset, evidence->finding_count,
                   evidence->finding_size, sizeof(struct hone_finding)) ||
        !is_inside(evidence, evidence->probe_offset, evidence->probe_count, evidence->probe_size,
                   sizeof(struct hone_probe_row)) ||
        !is_inside(evidence, evidence->counter_offset, evidence->counter_count,
                   evidence->counter_size, sizeof(struct hone_profile_counter)))
        return hone_fail(error, -EINVAL, "evidence: an array lies outside its %u bytes",
                         evidence->bytes);
    return check_rows(evidence, error);
}
