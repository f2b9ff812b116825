/* Which part of a plan's time its operators take: the device's events, at every change between
 * operators and other steps, tell it by the plan and by nothing that a kernel is called. They cost
 * a little, so that a few runs have them and the others go by these. */
#include "hardware/cuda/launcher/launcher.h"

#include <math.h>
#include <sys/random.h>

#define SHARED_ONE_IN 16u /* and the first run of every graph */

bool share_is_wanted(const struct launcher *launcher, const struct graph *graph) {
    uint8_t dice = 1;
    if (launcher->program.is_trusted || !graph->operator_count ||
        graph->operator_count == graph->step_count)
        return false;
    return graph->cut_ns <= 0 ||
           (getrandom(&dice, sizeof dice, 0) == 1 && dice % SHARED_ONE_IN == 0);
}

uint64_t share_of(const struct graph *graph, uint64_t ns) {
    if (graph->operator_count == graph->step_count)
        return ns;
    if (!(graph->cut_ns > 0))
        return 0;
    return (uint64_t)llround((double)ns * graph->cut_operator_ns / graph->cut_ns);
}

/* Stretches of operators and of others take turns; the first step says which comes first. */
static int read_cuts(struct launcher *launcher, struct graph *graph, uint32_t cuts) {
    bool is_operator = graph->steps[0].is_operator;
    void *begin = launcher->events[EVENT_BEGIN];
    for (uint32_t i = 0; i <= cuts; i++) {
        void *end = i < cuts ? launcher->cuts[i] : launcher->events[EVENT_END];
        float ms = 0;
        int result = launcher->driver.event_elapsed(&ms, begin, end);
        if (result)
            return result;
        const double ns = ms > 0 ? (double)ms * 1e6 : 0;
        graph->cut_ns += ns;
        graph->cut_operator_ns += is_operator ? ns : 0;
        is_operator = !is_operator;
        begin = end;
    }
    return 0;
}

int share_run(struct launcher *launcher, struct graph *graph, uint64_t limit_ns,
              struct hone_launcher_times *times, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    void *cut = NULL, *instance = NULL;
    const int cuts = graph_cut(launcher, graph, &cut, reply);
    int failed = cuts < 0 ? -1 : 0;
    int result = failed ? 0 : driver->graph_instantiate(&instance, cut, 0);
    result = result || failed ? result : driver->graph_upload(instance, launcher->stream);
    if (result)
        failed = launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no cut graph");
    if (!failed)
        failed = launcher_run(launcher, instance, limit_ns, times, reply);
    if (!failed && (result = read_cuts(launcher, graph, (uint32_t)cuts)))
        failed = launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "no times of cuts");
    if (failed && reply->ruined)
        return -1; /* what hangs holds its graph */
    if (instance)
        driver->instance_destroy(instance);
    if (cut)
        driver->graph_destroy(cut);
    return failed;
}
