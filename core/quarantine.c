#include "core/quarantine.h"

#include "core/log.h"
#include "core/quarantine_file.h"
#include "core/step.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BYTES_MOST (64u << 20)

struct entry {
    struct entry *newer;
    uint64_t hash, bytes;
    char task_hash[sizeof((struct hone_quarantined *)0)->task_hash];
    char language[sizeof((struct hone_step *)0)->language];
    char rule[HONE_NAME_SIZE];
    char source[];
};

struct hone_quarantine {
    struct entry *oldest, **newest;
    uint64_t bytes;
    char *folder; /* NULL: none */
};

static void drop_oldest(struct hone_quarantine *quarantine) {
    struct entry *entry = quarantine->oldest;
    quarantine->oldest = entry->newer;
    if (!quarantine->oldest)
        quarantine->newest = &quarantine->oldest;
    quarantine->bytes -= sizeof *entry + entry->bytes;
    free(entry);
}

void hone_quarantine_destroy(struct hone_quarantine *quarantine) {
    while (quarantine && quarantine->oldest)
        drop_oldest(quarantine);
    free(quarantine ? quarantine->folder : NULL);
    free(quarantine);
}

static uint64_t hash_of(const struct hone_quarantined *one) {
    return XXH3_64bits(one->source, one->source_bytes);
}

static bool describe(const struct hone_step *step, const char *rule, struct hone_quarantined *one) {
    *one = (struct hone_quarantined){.source = step->source, .source_bytes = step->source_bytes};
    memcpy(one->language, step->language, sizeof one->language);
    snprintf(one->rule, sizeof one->rule, "%s", rule);
    return snprintf(one->task_hash, sizeof one->task_hash, "%s", step->task->hash) <
           (int)sizeof one->task_hash;
}

static const char *find(const struct hone_quarantine *quarantine,
                        const struct hone_quarantined *one) {
    const uint64_t hash = hash_of(one);
    for (const struct entry *entry = quarantine->oldest; entry; entry = entry->newer)
        if (entry->hash == hash && entry->bytes == one->source_bytes &&
            !strcmp(entry->task_hash, one->task_hash) && !strcmp(entry->language, one->language) &&
            !memcmp(entry->source, one->source, entry->bytes))
            return entry->rule;
    return NULL;
}

/* Without memory its verdict stands; it is caught again when it comes again. */
static void add(void *context, const struct hone_quarantined *one) {
    struct hone_quarantine *quarantine = context;
    struct entry *entry = malloc(sizeof *entry + one->source_bytes);
    if (!entry)
        return;
    *entry = (struct entry){.hash = hash_of(one), .bytes = one->source_bytes};
    memcpy(entry->task_hash, one->task_hash, sizeof entry->task_hash);
    memcpy(entry->language, one->language, sizeof entry->language);
    memcpy(entry->rule, one->rule, sizeof entry->rule);
    memcpy(entry->source, one->source, one->source_bytes);
    *quarantine->newest = entry;
    quarantine->newest = &entry->newer;
    quarantine->bytes += sizeof *entry + entry->bytes;
    while (quarantine->bytes > BYTES_MOST)
        drop_oldest(quarantine);
}

const char *hone_quarantine_rule(const struct hone_quarantine *quarantine,
                                 const struct hone_step *step) {
    struct hone_quarantined one;
    return quarantine->oldest && describe(step, "", &one) ? find(quarantine, &one) : NULL;
}

void hone_quarantine_take(struct hone_quarantine *quarantine, const struct hone_step *step) {
    struct hone_quarantined one;
    const char *rule = NULL;
    for (uint32_t i = 0; !rule && i < step->evidence->finding_count; i++) {
        const struct hone_finding *finding = hone_evidence_finding(step->evidence, i);
        if (finding->severity >= HONE_QUARANTINE)
            rule = finding->rule;
    }
    if (!rule || !describe(step, rule, &one) || find(quarantine, &one))
        return;
    add(quarantine, &one);
    int code = quarantine->folder ? hone_quarantine_write(quarantine->folder, &one) : 0;
    if (code)
        hone_log(HONE_LOG_WARN, "quarantine: %s: %s; this candidate is let go with this server",
                 quarantine->folder, strerror(-code));
}

struct hone_quarantine *hone_quarantine_create(const char *folder) {
    struct hone_quarantine *quarantine = calloc(1, sizeof *quarantine);
    if (!quarantine)
        return NULL;
    quarantine->newest = &quarantine->oldest;
    quarantine->folder = folder ? strdup(folder) : NULL;
    int count = folder ? hone_quarantine_each(folder, BYTES_MOST, add, quarantine) : 0;
    if (count == -EPERM) {
        hone_log(HONE_LOG_WARN, "quarantine: %s: others may write there; it is not used", folder);
        free(quarantine->folder);
        quarantine->folder = NULL;
    } else if (count < 0) {
        hone_log(HONE_LOG_WARN, "quarantine: %s cannot be read: %s", folder, strerror(-count));
    }
    return quarantine;
}
