/* rescore_private.h - what the files of a rescoring share: its steps, and where their evidence
 * lies.
 *
 * Private to core/rescore*.c. One thread.
 */
#ifndef HONE_CORE_RESCORE_PRIVATE_H
#define HONE_CORE_RESCORE_PRIVATE_H

#include "core/recall.h"
#include "core/rescore.h"
#include "core/rewards.h"

#include <sqlite3.h>

struct hone_audit;

/* Evidence as plugins get it in a scorer too: to read, and for none to change before the next one
 * reads it. */
struct hone_sealed {
    const struct hone_evidence *const *rows;
    void *memory;
    size_t size;
};
int hone_rescore_seal(struct hone_evidence *const *evidence, uint32_t count,
                      struct hone_sealed *sealed, struct hone_error *error);
void hone_rescore_unseal(struct hone_sealed *sealed);

/* Where a row's evidence lies, and its place in its episode. */
struct origin {
    uint64_t evidence_step, group;
    double parent_kernel_ns, parent_speedup, parent_coverage, parent_roofline_fraction;
    double best_kernel_ns, best_speedup;
};

struct hone_rescore {
    sqlite3 *database;
    struct hone_run *run;
    struct hone_watch *watch;
    uint32_t limit_ms;          /* of one call of a plugin */
    struct hone_recall *recall; /* of the run, once a repeated step needs it */
    struct hone_rewards rewards;
    struct hone_audit *audit;
    struct hone_rescored *rows;
    struct origin *origins;
    uint32_t count, capacity;
};

/* Every step that has a result, with what it was stored with. */
int hone_rescore_read(struct hone_rescore *rescore, struct hone_error *error);

/* The evidence of row `index`, as its rewards saw it; the caller frees. NULL with 0: the step never
 * got so far as to have any. */
int hone_rescore_evidence(struct hone_rescore *rescore, uint32_t index,
                          struct hone_evidence **evidence, struct hone_error *error);

#endif
