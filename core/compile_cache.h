/* compile_cache.h - images on disk, found by hash and proven by their whole key. Any thread. */
#ifndef HONE_CORE_COMPILE_CACHE_H
#define HONE_CORE_COMPILE_CACHE_H

#include "core/compile.h"

#include <stdbool.h>

/* True with a private copy of the image, which the caller frees. A NULL cache holds nothing. */
bool hone_compile_cache_get(struct hone_compile_cache *cache, const void *key, uint64_t key_bytes,
                            void **image, uint64_t *image_bytes);
/* Best effort: a full disk costs the entry, nothing else. */
void hone_compile_cache_put(struct hone_compile_cache *cache, const void *key, uint64_t key_bytes,
                            const void *image, uint64_t image_bytes);

#endif
