/* Evidence that an earlier hone stored has shorter rows. The first release's sizes are the least
 * there can be; later ones only added at the end (plugins/evidence.h). */
#include "core/evidence.h"

#include "core/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_EVIDENCE_BYTES 472u
#define FIRST_WORKLOAD_BYTES 216u
#define FIRST_PROFILE_BYTES 136u
#define FIRST_FINDING_BYTES 256u
#define FIRST_PROBE_BYTES 104u
#define FIRST_COUNTER_BYTES 104u
#define ARRAYS 5

/* One array of the old block, and what it becomes. */
struct rows {
    uint32_t offset, count, size; /* as stored */
    uint32_t least, present;      /* sizes of a row: at first, and now */
    const void *blank;            /* a row of nothing measured */
    uint64_t place;               /* in the new block */
};

#define BLANK_DEVIATION                                                                            \
    {                                                                                              \
        .rel_l2 = NAN, .mean = NAN, .rms = NAN, .outward = NAN, .above = {NAN, NAN, NAN},          \
        .short_mantissa = NAN                                                                      \
    }

#define BLANK_PRECISION                                                                            \
    {                                                                                              \
        .grain = NAN, .slope = NAN, .lost_bits = {NAN, NAN, NAN, NAN}, .chance = {                 \
            NAN,                                                                                   \
            NAN,                                                                                   \
            NAN,                                                                                   \
            NAN                                                                                    \
        }                                                                                          \
    }

static const struct hone_workload_row blank_workload = {
    .kernel_ns = NAN,
    .baseline_ns = {NAN, NAN, NAN, NAN},
    .speedup = NAN,
    .speedup_low = NAN,
    .speedup_high = NAN,
    .max_error = NAN,
    .rel_l2 = NAN,
    .roofline_ns = NAN,
    .kernel_cpu_ns = NAN,
    .flops = NAN,
    .bytes = NAN,
    .deviation = BLANK_DEVIATION,
    .honest = BLANK_DEVIATION,
    .precision = BLANK_PRECISION,
    .honest_precision = BLANK_PRECISION,
};
static const struct hone_profile_row blank_profile = {.time_ns = NAN};
static const struct hone_finding blank_finding = {.line = 0};
static const struct hone_probe_row blank_probe = {.ns = NAN,
                                                  .ns_high = NAN,
                                                  .reference_ns = NAN,
                                                  .reference_ns_low = NAN,
                                                  .moved = NAN,
                                                  .wanted_moved = NAN};

static const struct hone_profile_counter blank_counter = {.value = NAN};

static bool is_inside(const struct rows *rows, const struct hone_evidence *head) {
    return !rows->count || (rows->size >= rows->least && rows->offset >= head->size &&
                            rows->offset + (uint64_t)rows->count * rows->size <= head->bytes);
}

/* Present fields of a row; those behind what was written stay blank. */
static void copy_rows(const struct rows *rows, const char *from, char *to) {
    const uint32_t known = rows->size < rows->present ? rows->size : rows->present;
    for (uint32_t i = 0; i < rows->count; i++) {
        char *row = to + rows->place + (uint64_t)i * rows->present;
        memcpy(row, rows->blank, rows->present);
        memcpy(row, from + rows->offset + (uint64_t)i * rows->size, known);
    }
}

static int read_head(const void *bytes, uint64_t count, struct hone_evidence *head,
                     struct hone_error *error) {
    hone_evidence_clear(head);
    if (count < FIRST_EVIDENCE_BYTES)
        return hone_fail(error, -EINVAL, "evidence: %llu bytes, expected at least %u",
                         (unsigned long long)count, FIRST_EVIDENCE_BYTES);
    memcpy(head, bytes, FIRST_EVIDENCE_BYTES);
    if (head->size < FIRST_EVIDENCE_BYTES || head->size > head->bytes || head->bytes > count)
        return hone_fail(error, -EINVAL, "evidence: sizes %u and %u do not fit %llu bytes",
                         head->size, head->bytes, (unsigned long long)count);
    memcpy(head, bytes, head->size < sizeof *head ? head->size : sizeof *head);
    return 0;
}

static bool is_present(const struct hone_evidence *head, const struct rows arrays[ARRAYS]) {
    bool present = head->size == sizeof *head;
    for (int i = 0; i < ARRAYS; i++)
        present &= !arrays[i].count || arrays[i].size == arrays[i].present;
    return present;
}

/* Today's evidence stays as it is, byte for byte. */
static int check_copy(char *block, const void *bytes, uint64_t count, struct hone_evidence **out,
                      struct hone_error *error) {
    if (!block)
        return hone_fail(error, -ENOMEM, "evidence: no memory for %llu bytes",
                         (unsigned long long)count);
    memcpy(block, bytes, count);
    int failed = hone_evidence_check(block, count, error);
    if (failed)
        free(block);
    else
        *out = (void *)block;
    return failed;
}

int hone_evidence_read(const void *bytes, uint64_t count, struct hone_evidence **out,
                       struct hone_error *error) {
    struct hone_evidence head;
    int failed = read_head(bytes, count, &head, error);
    if (failed)
        return failed;
    struct rows arrays[] = {
        {head.workload_offset, head.workload_count, head.workload_size, FIRST_WORKLOAD_BYTES,
         sizeof blank_workload, &blank_workload, 0},
        {head.profile_offset, head.profile_count, head.profile_size, FIRST_PROFILE_BYTES,
         sizeof blank_profile, &blank_profile, 0},
        {head.finding_offset, head.finding_count, head.finding_size, FIRST_FINDING_BYTES,
         sizeof blank_finding, &blank_finding, 0},
        {head.probe_offset, head.probe_count, head.probe_size, FIRST_PROBE_BYTES,
         sizeof blank_probe, &blank_probe, 0},
        {head.counter_offset, head.counter_count, head.counter_size, FIRST_COUNTER_BYTES,
         sizeof blank_counter, &blank_counter, 0},
    };
    if (is_present(&head, arrays))
        return check_copy(malloc(head.bytes), bytes, head.bytes, out, error);
    uint64_t total = sizeof head;
    for (int i = 0; i < ARRAYS; i++) {
        if (!is_inside(&arrays[i], &head))
            return hone_fail(error, -EINVAL, "evidence: %u rows of %u bytes at %u do not fit %u",
                             arrays[i].count, arrays[i].size, arrays[i].offset, head.bytes);
        arrays[i].place = total;
        total += (uint64_t)arrays[i].count * arrays[i].present;
    }
    char *block = total <= UINT32_MAX ? malloc(total) : NULL;
    if (!block)
        return hone_fail(error, -ENOMEM, "evidence: no memory for %llu bytes",
                         (unsigned long long)total);
    for (int i = 0; i < ARRAYS; i++)
        copy_rows(&arrays[i], bytes, block);
    head.size = sizeof head;
    head.bytes = (uint32_t)total;
    head.workload_offset = (uint32_t)arrays[0].place;
    head.workload_size = arrays[0].present;
    head.profile_offset = (uint32_t)arrays[1].place;
    head.profile_size = arrays[1].present;
    head.finding_offset = (uint32_t)arrays[2].place;
    head.finding_size = arrays[2].present;
    head.probe_offset = (uint32_t)arrays[3].place;
    head.probe_size = arrays[3].present;
    head.counter_offset = (uint32_t)arrays[4].place;
    head.counter_size = arrays[4].present;
    memcpy(block, &head, sizeof head);
    failed = hone_evidence_check(block, total, error);
    if (failed)
        free(block);
    else
        *out = (void *)block;
    return failed;
}
