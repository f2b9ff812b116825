/* cache.h - results of steps seen before, in memory and bounded (design "Result cache").
 *
 * The key is everything a result depends on; xxhash finds the entry, then the stored bytes are
 * compared. The value is the evidence with what is written about it, but not the reward, which is
 * always computed anew. One thread: the engine owner's.
 */
#ifndef HONE_CORE_CACHE_H
#define HONE_CORE_CACHE_H

#include "plugins/evidence.h"

#include <stdbool.h>

struct hone_cache;
struct hone_step;

struct hone_cache *hone_cache_create(uint64_t most_entries, uint64_t most_bytes);
void hone_cache_destroy(struct hone_cache *cache);

/* `context` is what is the same for all steps of an engine: device, protocol, detectors. Both
 * borrow. */
bool hone_cache_get(struct hone_cache *cache, const char *context, struct hone_step *step);
/* Only results that would come out the same again are kept: of these one may be. */
bool hone_cache_keeps(const struct hone_step *step);
void hone_cache_put(struct hone_cache *cache, const char *context, const struct hone_step *step);

/* One from an earlier life, as less used than all there are and giving way to a newer one of its
 * key. `ours`: of the run that is being written, so that a hit may repeat it. False: no room. */
bool hone_cache_fill(struct hone_cache *cache, const char *context, const struct hone_step *step,
                     bool ours);
/* Hits repeat this step from now on, where they repeated none of this run. */
void hone_cache_own(struct hone_cache *cache, const char *context, const struct hone_step *step);

#endif
