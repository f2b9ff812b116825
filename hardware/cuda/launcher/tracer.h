/* tracer.h - what ran on the device, by CUPTI: records of kernels, and hardware counters.
 *
 * Records cost a little and are turned on for single calls; counters need several passes over the
 * same call, and a permission that many machines do not give. One thread; opened before the driver
 * is initialised.
 */
#ifndef HONE_CUDA_LAUNCHER_TRACER_H
#define HONE_CUDA_LAUNCHER_TRACER_H

#include "plugins/hardware.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracer;

struct trace_row {
    char name[64];
    uint64_t begin_ns, end_ns;
    uint32_t grid[3], block[3];
    uint32_t registers, shared_bytes, local_bytes;
    bool in_graph;
};

/* 0, or -1 with a text that says why there is none. */
int tracer_open(const char *path, struct tracer **tracer, char *text, size_t size);

int tracer_begin(struct tracer *tracer);
/* Rows of what ran since, in order of their begin; at most `capacity`. Negative: failed. */
int tracer_end(struct tracer *tracer, struct trace_row *rows, uint32_t capacity);

/* counters.c: a set by its name (seeds.md 3.5) on the current context. -1 with a text: a reason
 * code, a colon and a sentence. */
struct counters;
int counters_open(struct tracer *tracer, int device, void *context, const char *set,
                  struct counters **counters, char *text, size_t size);
void counters_close(struct counters *counters);
/* Around every pass; `more`: another one is needed. */
int counters_pass_begin(struct counters *counters);
int counters_pass_end(struct counters *counters, bool *more);
/* What all passes add up to: the number of values written, or -1. */
int counters_read(struct counters *counters, struct hone_profile_counter *values,
                  uint32_t capacity);
/* Of the call that failed. */
void counters_say(const struct counters *counters, char *text, size_t size);

/* For counters.c. */
const struct cupti *tracer_cupti(const struct tracer *tracer);

#endif
