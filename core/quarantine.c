#include "core/quarantine.h"

#include "core/step.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BYTES_MOST (64u << 20)

struct entry {
    struct entry *newer;
    const struct hone_task *task; /* lives as long as the engine */
    uint64_t hash, bytes;
    char language[sizeof((struct hone_step *)0)->language];
    char rule[HONE_NAME_SIZE];
    char source[];
};

struct hone_quarantine {
    struct entry *oldest, **newest;
    uint64_t bytes;
};

struct hone_quarantine *hone_quarantine_create(void) {
    struct hone_quarantine *quarantine = calloc(1, sizeof *quarantine);
    if (quarantine)
        quarantine->newest = &quarantine->oldest;
    return quarantine;
}

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
    free(quarantine);
}

static uint64_t hash_of(const struct hone_step *step) {
    return XXH3_64bits_withSeed(step->source, step->source_bytes, step->task->hash64);
}

const char *hone_quarantine_rule(const struct hone_quarantine *quarantine,
                                 const struct hone_step *step) {
    if (!quarantine->oldest)
        return NULL;
    const uint64_t hash = hash_of(step);
    for (const struct entry *entry = quarantine->oldest; entry; entry = entry->newer)
        if (entry->hash == hash && entry->task == step->task &&
            entry->bytes == step->source_bytes && !strcmp(entry->language, step->language) &&
            !memcmp(entry->source, step->source, entry->bytes))
            return entry->rule;
    return NULL;
}

void hone_quarantine_take(struct hone_quarantine *quarantine, const struct hone_step *step) {
    const char *rule = NULL;
    for (uint32_t i = 0; !rule && i < step->evidence->finding_count; i++) {
        const struct hone_finding *finding = hone_evidence_finding(step->evidence, i);
        if (finding->severity >= HONE_QUARANTINE)
            rule = finding->rule;
    }
    if (!rule || hone_quarantine_rule(quarantine, step))
        return;
    struct entry *entry = malloc(sizeof *entry + step->source_bytes);
    if (!entry)
        return; /* its verdict stands; it is caught again when it comes again */
    *entry = (struct entry){.task = step->task, .hash = hash_of(step), .bytes = step->source_bytes};
    memcpy(entry->language, step->language, sizeof entry->language);
    memcpy(entry->rule, rule, sizeof entry->rule);
    memcpy(entry->source, step->source, step->source_bytes);
    *quarantine->newest = entry;
    quarantine->newest = &entry->newer;
    quarantine->bytes += sizeof *entry + entry->bytes;
    while (quarantine->bytes > BYTES_MOST)
        drop_oldest(quarantine);
}
