/* compile.h - source text to an image for one device, through the jail, with a cache on disk.
 *
 * The cache is written by the supervisor alone. XXH3-128 of the key finds an entry; then the stored
 * key (toolchain, language, options, prelude, epilogue, the plan's entries, source) is compared
 * byte for byte, so a forged collision finds nothing. Any thread.
 */
#ifndef HONE_CORE_COMPILE_H
#define HONE_CORE_COMPILE_H

#include "core/loader.h"
#include "core/task.h"

#include <stdatomic.h>

struct hone_compile_cache;
struct hone_plan;

/* `directory` is made when missing (0700). A cache that cannot be used is a warning, not an error.
 */
struct hone_compile_cache *hone_compile_cache_create(const char *directory, uint64_t most_bytes);
void hone_compile_cache_destroy(struct hone_compile_cache *cache);

struct hone_compile_input {
    const struct hone_task *task;
    uint32_t device;
    const char *language;
    const char *source;
    uint64_t source_bytes;
    const char *options;
    const struct hone_plan *plan; /* NULL: none */
    const char *library;          /* of a baseline; NULL: it stands alone, as candidates do */
    uint64_t limit_ns;            /* of the compiler, beside the backend's own; in whole seconds */
    bool untimed;                 /* the image only has to be right */
    const atomic_int *cancel;
};

/* What came of it: a verdict with a message, or HONE_UNDECIDED and an image. hone_compiled_finish()
 * releases it. */
struct hone_compiled {
    uint32_t verdict, reason;
    char message[512];
    char *diagnostics; /* may be NULL */
    void *image;
    uint64_t image_bytes;
    bool cached;
    bool incomplete; /* ended by a wall-clock limit */
};

/* 0 with an outcome, or a negative errno: a fault of ours. `cache` may be NULL. */
int hone_compile(struct hone_compile_cache *cache, const struct hone_instance *hardware,
                 const struct hone_compile_input *input, struct hone_compiled *compiled,
                 struct hone_error *error);
void hone_compiled_finish(struct hone_compiled *compiled);

#endif
