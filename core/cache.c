#include "core/cache.h"

#include "core/evidence.h"
#include "core/step.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BUCKETS 4096u

struct entry {
    struct entry *next;          /* in its bucket */
    struct entry *newer, *older; /* by use */
    uint64_t hash;
    uint64_t key_bytes, total_bytes;
    uint64_t step; /* that was measured; 0: in another run */
    char *key;
    struct hone_evidence *evidence;
    char *diagnostics;
    char message[sizeof((struct hone_step *)0)->message];
};

struct hone_cache {
    uint64_t most_entries, most_bytes;
    uint64_t entries, bytes;
    struct entry *newest, *oldest;
    struct entry *buckets[BUCKETS];
};

struct hone_cache *hone_cache_create(uint64_t most_entries, uint64_t most_bytes) {
    struct hone_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return NULL;
    cache->most_entries = most_entries;
    cache->most_bytes = most_bytes;
    return cache;
}

static void leave_order(struct hone_cache *cache, struct entry *entry) {
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void make_newest(struct hone_cache *cache, struct entry *entry) {
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void make_oldest(struct hone_cache *cache, struct entry *entry) {
    entry->older = NULL;
    entry->newer = cache->oldest;
    *(cache->oldest ? &cache->oldest->older : &cache->newest) = entry;
    cache->oldest = entry;
}

static void destroy_entry(struct entry *entry) {
    free(entry->key);
    free(entry->evidence);
    free(entry->diagnostics);
    free(entry);
}

static void drop(struct hone_cache *cache, struct entry *entry) {
    struct entry **link = &cache->buckets[entry->hash % BUCKETS];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    leave_order(cache, entry);
    cache->entries--;
    cache->bytes -= entry->total_bytes;
    destroy_entry(entry);
}

void hone_cache_destroy(struct hone_cache *cache) {
    if (!cache)
        return;
    while (cache->oldest)
        drop(cache, cache->oldest);
    free(cache);
}

/* The flags that change what is measured; FORCE only asks for it again. */
static uint32_t measured_flags(const struct hone_step *step) {
    return step->flags & (HONE_STEP_PROFILE | HONE_STEP_CONFIRM);
}

static char *make_key(const char *context, const struct hone_step *step, uint64_t *bytes) {
    const char *parts[] = {context, step->task->hash, step->language, step->options};
    uint64_t total = 2 * sizeof(uint32_t) + step->source_bytes;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        total += strlen(parts[i]) + 1;
    char *key = malloc(total);
    if (!key)
        return NULL;
    uint32_t numbers[2] = {step->stages, measured_flags(step)};
    char *end = key;
    memcpy(end, numbers, sizeof numbers);
    end += sizeof numbers;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]) + 1;
        memcpy(end, parts[i], length);
        end += length;
    }
    memcpy(end, step->source, step->source_bytes);
    *bytes = total;
    return key;
}

static struct entry *find(struct hone_cache *cache, const char *key, uint64_t bytes,
                          uint64_t hash) {
    for (struct entry *entry = cache->buckets[hash % BUCKETS]; entry; entry = entry->next)
        if (entry->hash == hash && entry->key_bytes == bytes && !memcmp(entry->key, key, bytes))
            return entry;
    return NULL;
}

bool hone_cache_get(struct hone_cache *cache, const char *context, struct hone_step *step) {
    uint64_t bytes;
    char *key = make_key(context, step, &bytes);
    struct entry *entry = key ? find(cache, key, bytes, XXH3_64bits(key, bytes)) : NULL;
    free(key);
    struct hone_evidence *evidence = entry ? malloc(entry->evidence->bytes) : NULL;
    if (!evidence)
        return false;
    memcpy(evidence, entry->evidence, entry->evidence->bytes);
    leave_order(cache, entry);
    make_newest(cache, entry);
    free(step->evidence);
    step->evidence = evidence;
    hone_evidence_place(evidence, step);
    step->verdict = evidence->verdict;
    step->reason = evidence->reason;
    step->diagnostics = entry->diagnostics ? strdup(entry->diagnostics) : NULL;
    memcpy(step->message, entry->message, sizeof step->message);
    step->cached = true;
    step->repeats = entry->step;
    return true;
}

/* Would it come out the same again? Not what ended by a wall-clock limit, nor by a fault of ours;
 * nor a compiler that met a limit, since one that was killed cannot be told from it. */
bool hone_cache_keeps(const struct hone_step *step) {
    return !step->cached && !step->incomplete && step->verdict != HONE_INFRA_FAILED &&
           step->verdict != HONE_PARTIAL && step->verdict != HONE_TIMED_OUT &&
           step->reason != HONE_REASON_QUARANTINED && /* which may be lifted */
           step->reason != HONE_REASON_WORKER_LOST && step->reason != HONE_REASON_LIMIT &&
           !(step->evidence->flags & HONE_NOISY);
}

/* Takes the key over. NULL: out of memory. */
static struct entry *make_entry(char *key, uint64_t key_bytes, uint64_t hash,
                                const struct hone_step *step) {
    struct entry *entry = calloc(1, sizeof *entry);
    struct hone_evidence *evidence = malloc(step->evidence->bytes);
    if (!entry || !evidence) {
        free(key);
        free(entry);
        free(evidence);
        return NULL;
    }
    memcpy(evidence, step->evidence, step->evidence->bytes);
    entry->evidence = evidence;
    entry->key = key;
    entry->key_bytes = key_bytes;
    entry->hash = hash;
    entry->step = step->id;
    entry->diagnostics = step->diagnostics ? strdup(step->diagnostics) : NULL;
    memcpy(entry->message, step->message, sizeof entry->message);
    entry->total_bytes = sizeof *entry + key_bytes + evidence->bytes +
                         (entry->diagnostics ? strlen(entry->diagnostics) + 1 : 0);
    return entry;
}

static void enter(struct hone_cache *cache, struct entry *entry) {
    entry->next = cache->buckets[entry->hash % BUCKETS];
    cache->buckets[entry->hash % BUCKETS] = entry;
    cache->entries++;
    cache->bytes += entry->total_bytes;
}

void hone_cache_put(struct hone_cache *cache, const char *context, const struct hone_step *step) {
    if (!hone_cache_keeps(step))
        return;
    uint64_t bytes;
    char *key = make_key(context, step, &bytes);
    if (!key)
        return;
    uint64_t hash = XXH3_64bits(key, bytes);
    struct entry *known = find(cache, key, bytes, hash);
    if (known)
        drop(cache, known); /* measured again by force: the newest stands */
    struct entry *entry = make_entry(key, bytes, hash, step);
    if (!entry)
        return;
    enter(cache, entry);
    make_newest(cache, entry);
    while (cache->oldest &&
           (cache->entries > cache->most_entries || cache->bytes > cache->most_bytes))
        drop(cache, cache->oldest);
}

bool hone_cache_fill(struct hone_cache *cache, const char *context, const struct hone_step *step,
                     bool ours) {
    uint64_t bytes;
    char *key = hone_cache_keeps(step) ? make_key(context, step, &bytes) : NULL;
    if (!key)
        return true;
    uint64_t hash = XXH3_64bits(key, bytes);
    if (find(cache, key, bytes, hash)) {
        free(key);
        return true;
    }
    struct entry *entry = make_entry(key, bytes, hash, step);
    if (!entry)
        return false;
    if (cache->entries + 1 > cache->most_entries ||
        cache->bytes + entry->total_bytes > cache->most_bytes) {
        destroy_entry(entry);
        return false;
    }
    if (!ours)
        entry->step = 0;
    enter(cache, entry);
    make_oldest(cache, entry);
    return true;
}

void hone_cache_own(struct hone_cache *cache, const char *context, const struct hone_step *step) {
    uint64_t bytes;
    char *key = make_key(context, step, &bytes);
    struct entry *entry = key ? find(cache, key, bytes, XXH3_64bits(key, bytes)) : NULL;
    free(key);
    if (entry && !entry->step)
        entry->step = step->id;
}
