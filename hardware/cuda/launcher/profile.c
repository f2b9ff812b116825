#include "hardware/cuda/launcher/launcher.h"

#include <stdio.h>
#include <string.h>

#define PASSES_MOST 64

/* The plan is a chain: its steps begin one after the other, so the order says which is which. */
static void put_rows(struct launcher *launcher, const struct trace_row *rows, uint32_t count,
                     struct hone_launcher_reply *reply) {
    for (uint32_t i = 0; i < count; i++) {
        struct hone_profile_row row = {
            .time_ns = (double)(rows[i].end_ns - rows[i].begin_ns),
            .grid = {rows[i].grid[0], rows[i].grid[1], rows[i].grid[2]},
            .block = {rows[i].block[0], rows[i].block[1], rows[i].block[2]},
            .plan_step = i,
            .registers = rows[i].registers,
            .shared_bytes = rows[i].shared_bytes,
            .local_bytes = rows[i].local_bytes,
        };
        memcpy(row.name, rows[i].name, sizeof row.name);
        memcpy(launcher->mail + i * sizeof row, &row, sizeof row);
    }
    reply->count = count;
}

/* Every pass sees the inputs that the first one saw. */
static int run_passes(struct launcher *launcher, struct counters *counters,
                      const struct graph *graph, uint64_t limit_ns,
                      struct hone_launcher_reply *reply) {
    bool more = true;
    for (int pass = 0; more && pass < PASSES_MOST; pass++) {
        if (launcher_make(launcher, reply) || launcher_upload(launcher, graph, reply))
            return -1;
        int result = launcher->driver.stream_wait(launcher->stream);
        if (result)
            return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "cannot copy");
        if (counters_pass_begin(counters))
            return 1;
        if (launcher_run_bare(launcher, graph->instance, limit_ns, reply))
            return -1;
        if (counters_pass_end(counters, &more))
            return 1;
    }
    return 0;
}

/* Counters that cannot be had are a note, not a failure. */
static int count(struct launcher *launcher, const struct graph *graph,
                 const struct hone_launcher_request *request, struct hone_launcher_reply *reply) {
    struct hone_profile_counter values[HONE_LAUNCHER_COUNTERS_MAX];
    struct counters *counters;
    char set[sizeof request->counters];
    memcpy(set, request->counters, sizeof set);
    set[sizeof set - 1] = '\0';
    if (!set[0])
        return 0;
    if (counters_open(launcher->tracer, launcher->ordinal, launcher->context, set, &counters,
                      reply->note, sizeof reply->note))
        return 0;
    int result = run_passes(launcher, counters, graph, request->limit_ns, reply);
    int read = result == 0 ? counters_read(counters, values, HONE_LAUNCHER_COUNTERS_MAX) : 0;
    if (result > 0 || read < 0)
        counters_say(counters, reply->note, sizeof reply->note);
    if (read > 0) {
        reply->counter_count = (uint32_t)read;
        memcpy(launcher->mail + reply->count * sizeof(struct hone_profile_row), values,
               reply->counter_count * sizeof *values);
    }
    /* What hangs holds the profiler too. */
    if (!reply->ruined)
        counters_close(counters);
    return result < 0 ? -1 : 0;
}

int launcher_profile(struct launcher *launcher, const struct hone_launcher_request *request,
                     struct hone_launcher_reply *reply) {
    uint32_t rows_count = 0;
    if (launcher_read_go(launcher, request, reply))
        return -1;
    if (!launcher->tracer) {
        snprintf(reply->note, sizeof reply->note, "absent: %.100s", launcher->tracer_text);
        return 0;
    }
    const uint64_t *last = (const uint64_t *)(const void *)launcher->mail +
                           (uint64_t)(request->call_count - 1) * request->word_count;
    const struct graph *graph = program_graph(launcher, last, request->word_count, reply);
    if (!graph || launcher_make(launcher, reply) || launcher_upload(launcher, graph, reply))
        return -1;
    int failed =
        launcher_run_traced(launcher, graph, request->limit_ns, &rows_count, &reply->times, reply);
    if (failed == 0)
        put_rows(launcher, launcher->rows, rows_count, reply);
    failed = failed ? failed : count(launcher, graph, request, reply);
    failed = failed ? failed : launcher_download(launcher, graph, reply);
    return failed ? failed : launcher_inspect(launcher, reply);
}
