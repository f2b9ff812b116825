/* journal_record.h - what the records of a run's journal say, as bytes and back.
 *
 * A struct here is either about to be encoded (its slices point to the caller's memory) or was
 * decoded (they point into the payload, unterminated, and nothing in them is to be trusted beyond
 * its length). Every number is little-endian; kinds and their fields only grow at the end. Pure
 * functions; any thread.
 */
#ifndef HONE_CORE_JOURNAL_RECORD_H
#define HONE_CORE_JOURNAL_RECORD_H

#include "core/store.h"

enum hone_record_kind { /* numbers are stored, so they only grow */
                        HONE_RECORD_RUN = 1,
                        HONE_RECORD_SOURCE,  /* a source text, once; actions name it by number */
                        HONE_RECORD_CONTEXT, /* what many actions have in common, once */
                        HONE_RECORD_EPISODE_BEGIN,
                        HONE_RECORD_EPISODE_END,
                        HONE_RECORD_ACTION,
                        HONE_RECORD_RESULT, /* with evidence of its own */
                        HONE_RECORD_REPEAT, /* a cached result: at most 128 bytes with up to ten
                                               reward parts */
                        HONE_RECORD_FINISHED,
                        HONE_RECORD_CONTINUED, /* a server goes on with the run */
                        HONE_RECORD_GOTO,      /* an episode's cursor was moved */
                        HONE_RECORD_IMAGE,     /* what a compiler made, once */
};

struct hone_slice {
    const char *bytes;
    uint64_t size;
};

struct hone_record_run {
    uint64_t id;
    int64_t time_ns;
    uint32_t schema;
    struct hone_slice name, facts;
};

struct hone_record_source {
    uint64_t id; /* counts from 1 */
    struct hone_slice text;
};

struct hone_record_context {
    uint64_t id; /* counts from 1 */
    struct hone_slice task, task_hash, language, options, group;
};

struct hone_record_episode { /* begin and end; what follows `why` is a beginning's */
    uint64_t episode, seed;
    int64_t time_ns;
    uint32_t terminated, truncated;
    struct hone_slice task, group, why;
    struct hone_slice task_hash; /* this and what follows: absent in older runs */
    uint64_t token, trunk;
    uint32_t slot, turns;
    int64_t evaluations;
    double compile_seconds, device_seconds, wall_seconds, goal_speedup;
};

struct hone_record_action {
    uint64_t step, episode, node, parent, token, source, context, seed;
    int64_t time_ns;
    uint32_t turn, stages, flags;
};

struct hone_record_result { /* result and repeat; a repeat has no slices */
    uint64_t step, repeats;
    int64_t time_ns;
    double reward;
    uint32_t part_count;
    double parts[HONE_STORE_PARTS_MAX];
    struct hone_slice message, feedback, evidence;
    struct hone_slice diagnostics; /* of a result; this and what follows: absent in older runs */
    uint32_t repeatable;
    uint64_t device_ns;
    uint64_t images[HONE_STORE_IMAGES_MAX]; /* 0: none */
};

struct hone_record_image {
    uint64_t id; /* counts from 1 */
    struct hone_slice image, listing, entries;
};

struct hone_record_moment { /* finished, continued */
    int64_t time_ns;
};

struct hone_record_goto {
    uint64_t episode, node;
    int64_t time_ns;
};

struct hone_record {
    enum hone_record_kind kind;
    union {
        struct hone_record_run run;
        struct hone_record_source source;
        struct hone_record_context context;
        struct hone_record_episode episode;
        struct hone_record_action action;
        struct hone_record_result result;
        struct hone_record_moment moment;
        struct hone_record_goto moved;
        struct hone_record_image image;
    };
};

struct hone_slice hone_slice(const char *text); /* of a NUL-terminated text; NULL is empty */

/* Bytes of the payload, and the payload itself. A record with more than HONE_STORE_PARTS_MAX parts
 * or a slice of 4 GiB is -EINVAL. */
int hone_record_size(const struct hone_record *record, uint64_t *bytes);
void hone_record_encode(const struct hone_record *record, void *payload);

/* 0; -EBADMSG when the payload is no such record; -ENOTSUP for a kind this program does not know.
 */
int hone_record_decode(uint16_t kind, const void *payload, uint64_t bytes,
                       struct hone_record *record);

#endif
