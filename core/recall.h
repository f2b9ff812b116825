/* recall.h - steps that a run has recorded, made again from its journal: to answer one that is sent
 * again, to run one that never ended, to fill the result cache.
 *
 * Threads: one at a time for each object.
 */
#ifndef HONE_CORE_RECALL_H
#define HONE_CORE_RECALL_H

#include "core/engine.h"
#include "core/store_replay.h"

struct hone_recall;

/* Reads the whole journal of the run at `path` once. The run may be live: what comes later is not
 * known. */
int hone_recall_open(const char *path, struct hone_recall **recall, struct hone_error *error);
void hone_recall_close(struct hone_recall *recall);
/* For another replay; not to be closed. */
struct hone_journal_reader *hone_recall_reader(struct hone_recall *recall);
uint64_t hone_recall_steps(const struct hone_recall *recall); /* the highest number of one */

struct hone_recalled {
    struct hone_step *step; /* the caller's */
    uint64_t node, parent, episode;
    char *feedback; /* the text its agent read; NULL: none is recorded. The caller's */
    bool ended;     /* it has a result; else the step says what was asked, and no more */
    bool repeatable;
};

/* -ENOENT: there is no such step; -ESTALE: its task is none of the engine's, or has changed. */
int hone_recall_step(struct hone_recall *recall, const struct hone_engine *engine, uint64_t id,
                     struct hone_recalled *recalled);
/* The limit of an episode's steps; 0: none. -ENOENT: it is not recorded. */
int hone_recall_turns(struct hone_recall *recall, uint64_t episode, uint32_t *turns);
/* Image `index` that a step with evidence of its own was made of. Its bytes and texts are in
 * *memory, which the caller frees. -ENOENT: none is recorded. */
int hone_recall_image(struct hone_recall *recall, uint64_t step, uint32_t index,
                      struct hone_image_record *image, void **memory);
void hone_recalled_finish(struct hone_recalled *recalled);

#endif
