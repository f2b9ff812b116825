#include "hardware/cuda/launcher/step.h"

#include <stdlib.h>
#include <string.h>

#define CUTS_MOST HONE_LAUNCHER_STEPS_MAX

static int fail(const struct launcher *launcher, struct hone_launcher_reply *reply, int result,
                const char *what) {
    return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result, "%s", what);
}

/* How many kernels have been captured so far. A library may put other nodes between them. */
static int count_kernels(struct launcher *launcher, uint32_t *kernels) {
    const struct cuda_driver *driver = &launcher->driver;
    void *graph = NULL;
    uint64_t id;
    size_t count = 0;
    int status, type;
    *kernels = 0;
    int result = driver->capture_info(launcher->stream, &status, &id, &graph, NULL, NULL);
    result = result ? result : driver->graph_nodes(graph, NULL, &count);
    if (result || count == 0)
        return result;
    void **nodes = malloc(count * sizeof *nodes);
    if (!nodes)
        return CUDA_OUT_OF_MEMORY;
    result = driver->graph_nodes(graph, nodes, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        if ((result = driver->node_type(nodes[i], &type)) == 0)
            *kernels += type == CUDA_NODE_KERNEL;
    free(nodes);
    return result;
}

/* An event that is recorded when the graph gets there. */
static int cut(struct launcher *launcher, uint32_t index) {
    if (!launcher->cuts)
        launcher->cuts = calloc(CUTS_MOST, sizeof *launcher->cuts);
    if (!launcher->cuts || index >= CUTS_MOST)
        return CUDA_OUT_OF_MEMORY;
    int result =
        index < launcher->cut_count ? 0 : launcher->driver.event_create(&launcher->cuts[index], 0);
    if (result)
        return result;
    if (index == launcher->cut_count)
        launcher->cut_count++;
    return launcher->driver.event_record_node(launcher->cuts[index], launcher->stream,
                                              CUDA_EVENT_RECORD_NODE);
}

/* All steps in order. `steps`: what each becomes, where that is to be told; `cuts`: how many were
 * made, where there are to be some. */
static int queue_steps(const struct queueing *queueing, const struct graph *graph,
                       struct graph_step *steps, uint32_t *cuts) {
    struct launcher *launcher = queueing->launcher;
    struct reading reading = {graph->words + 1, graph->words + graph->word_count};
    enum hone_step_kind before = 0;
    uint32_t kernels = 0, total = 0;
    for (uint32_t i = 0; i < graph->step_count; i++) {
        const bool is_change = before && cuts && reading.at < reading.end &&
                               ((uint32_t)*reading.at == HONE_STEP_OP) != (before == HONE_STEP_OP);
        int result = is_change ? cut(launcher, (*cuts)++) : 0;
        if (result)
            return fail(launcher, queueing->reply, result, "a plan cannot be cut at operators");
        before = step_queue(queueing, &reading);
        if (!before)
            return -1;
        if (!steps)
            continue;
        total++;
        if (before != HONE_STEP_LAUNCH && (result = count_kernels(launcher, &total)))
            return fail(launcher, queueing->reply, result, "kernels cannot be counted");
        steps[i] = (struct graph_step){total - kernels, before == HONE_STEP_OP};
        kernels = total;
    }
    return 0;
}

static int capture(const struct queueing *queueing, const struct graph *graph,
                   struct graph_step *steps, uint32_t *cuts, void **captured) {
    struct launcher *launcher = queueing->launcher;
    const struct cuda_driver *driver = &launcher->driver;
    int result = driver->capture_begin(launcher->stream, CUDA_CAPTURE_THREAD_LOCAL);
    if (result)
        return fail(launcher, queueing->reply, result, "no graph");
    const int failed = queue_steps(queueing, graph, steps, cuts);
    result = driver->capture_end(launcher->stream, captured);
    if (failed)
        return -1;
    return result ? launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_CRASHED, result,
                                  "the plan makes no graph")
                  : 0;
}

/* What libraries load when they are first called they cannot load during a capture. */
static int try_libraries(struct launcher *launcher, const struct graph *graph, bool *touches,
                         struct hone_launcher_reply *reply) {
    const struct queueing trial = {launcher, reply, touches, true};
    if (queue_steps(&trial, graph, NULL, NULL))
        return -1;
    int result = launcher->driver.stream_wait(launcher->stream);
    return result ? fail(launcher, reply, result, "a library's functions failed") : 0;
}

static void sum_up(struct graph *graph) {
    for (uint32_t i = 0; i < graph->step_count; i++) {
        graph->kernels += graph->steps[i].kernels;
        graph->operator_count += graph->steps[i].is_operator;
    }
}

static int make(struct launcher *launcher, struct graph *graph, struct hone_launcher_reply *reply) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct queueing queueing = {launcher, reply, graph->touches, false};
    const uint64_t steps = graph->word_count ? graph->words[0] : 0;
    if (!graph->word_count || steps > HONE_LAUNCHER_STEPS_MAX)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "a call of %llu steps",
                             (unsigned long long)steps);
    graph->step_count = (uint32_t)steps;
    graph->steps = calloc(graph->step_count + 1u, sizeof *graph->steps);
    if (!graph->steps)
        return fail(launcher, reply, 0, "out of memory for a graph");
    if (try_libraries(launcher, graph, graph->touches, reply) ||
        capture(&queueing, graph, graph->steps, NULL, &graph->graph))
        return -1;
    sum_up(graph);
    int result = driver->graph_instantiate(&graph->instance, graph->graph, 0);
    result = result ? result : driver->graph_upload(graph->instance, launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_CRASHED, result,
                                  "the plan makes no graph")
                  : 0;
}

int graph_cut(struct launcher *launcher, const struct graph *graph, void **cut_graph,
              struct hone_launcher_reply *reply) {
    bool touches[HONE_LAUNCHER_REGIONS_MAX];
    const struct queueing queueing = {launcher, reply, touches, false};
    uint32_t cuts = 0;
    return capture(&queueing, graph, NULL, &cuts, cut_graph) ? -1 : (int)cuts;
}

static void forget(struct launcher *launcher, struct graph *graph) {
    if (graph->instance)
        launcher->driver.instance_destroy(graph->instance);
    if (graph->graph)
        launcher->driver.graph_destroy(graph->graph);
    free(graph->steps);
    free(graph->words);
    *graph = (struct graph){0};
}

void program_forget_graphs(struct launcher *launcher) {
    for (uint32_t i = 0; i < HONE_LAUNCHER_GRAPHS_MAX; i++)
        forget(launcher, &launcher->program.graphs[i]);
}

struct graph *program_graph(struct launcher *launcher, const uint64_t *words, uint32_t count,
                            struct hone_launcher_reply *reply) {
    struct program *program = &launcher->program;
    struct graph *oldest = &program->graphs[0];
    program->calls++;
    for (uint32_t i = 0; i < HONE_LAUNCHER_GRAPHS_MAX; i++) {
        struct graph *graph = &program->graphs[i];
        if (graph->words && graph->word_count == count &&
            !memcmp(graph->words, words, count * sizeof *words)) {
            graph->used = program->calls;
            return graph;
        }
        if (graph->used < oldest->used)
            oldest = graph;
    }
    forget(launcher, oldest);
    oldest->words = malloc((count + 1) * sizeof *words);
    if (!oldest->words) {
        fail(launcher, reply, 0, "out of memory for a graph");
        return NULL;
    }
    memcpy(oldest->words, words, count * sizeof *words);
    oldest->word_count = count;
    oldest->used = program->calls;
    if (make(launcher, oldest, reply) == 0)
        return oldest;
    forget(launcher, oldest);
    return NULL;
}
