/* pool_private.h - what the files of the pool share. */
#ifndef HONE_CORE_POOL_PRIVATE_H
#define HONE_CORE_POOL_PRIVATE_H

#include "core/pool.h"

struct hone_pool {
    struct hone_pool_source source;
    uint8_t secret[32];
    uint64_t bytes_max, bytes;
    uint64_t clock; /* counts holds */
    bool serves_remote;
    uint64_t filling_ns;
    struct hone_shelf *shelves;

    /* The set being filled beside everything else; NULL: none. */
    struct hone_shelf *growing;
    int growing_memory;
    uint64_t growing_seed;
};

/* Memory for one set of the shelf: a descriptor, or a negative errno. */
int hone_pool_memory(const struct hone_shelf *shelf, struct hone_error *error);

/* Wait for the set that is being filled beside everything else, if there is one. */
int hone_pool_settle(struct hone_pool *pool, struct hone_error *error);

/* Forget the set's truth for moved inputs, if it has one. */
void hone_pool_unnudge(struct hone_pool *pool, struct hone_set *set);

#endif
