#include "tests/fake_cuda/driver.h"

#include "hardware/cuda/operators/operation.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct node {
    const struct fake_kernel *kernel; /* NULL: an event */
    void *event;
    uint32_t grid[3], block[3];
    uint64_t values[FAKE_PARAMETERS_MAX];
    _Alignas(8) uint8_t operation[FAKE_BLOCK_BYTES];
    struct node *next;
};

struct graph {
    struct node *first, **last;
};

struct event {
    uint64_t ns;
    bool recorded;
};

/* One context, one stream, one thread: a launcher has no more. */
static struct {
    int failed;            /* an error that stays */
    bool hung;             /* what is queued now is never done */
    bool foreign;          /* the last kernel was not the launcher's own */
    bool unseen;           /* nor one that events see */
    struct graph *capture; /* being made */
} context;

_Static_assert(sizeof(struct hone_operation) <= FAKE_BLOCK_BYTES, "an operator fits a node");

static sigjmp_buf fault;

int fake_failed(void) {
    return context.failed;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(fault, 1);
}

static bool is_stuck(const struct fake_kernel *kernel) {
    const char *file = getenv("FAKE_CUDA_STUCK");
    return !strcmp(kernel->name, "hang") || !strcmp(kernel->name, "solve_hang") ||
           (!strcmp(kernel->name, "hone_canary") && file && !access(file, F_OK));
}

static int run(struct node *node, bool in_graph) {
    void *parameters[FAKE_PARAMETERS_MAX];
    struct fake_record record = {.in_graph = in_graph};
    struct sigaction caught = {.sa_handler = on_fault, .sa_flags = SA_NODEFER}, segv, bus;
    if (context.failed)
        return context.failed;
    if (!node->kernel)
        return cuEventRecord(node->event, NULL);
    context.hung = context.hung || is_stuck(node->kernel);
    context.foreign = strncmp(node->kernel->name, "hone_", 5) != 0;
    context.unseen = !strcmp(node->kernel->name, "solve_unseen");
    if (context.hung)
        return GOOD;
    record.name = node->kernel->name;
    for (int i = 0; i < FAKE_PARAMETERS_MAX; i++)
        parameters[i] = &node->values[i];
    if (node->kernel->sizes[0] == '*')
        parameters[0] = node->operation;
    sigaction(SIGSEGV, &caught, &segv);
    sigaction(SIGBUS, &caught, &bus);
    record.begin_ns = now_ns();
    if (sigsetjmp(fault, 1))
        context.failed = ILLEGAL_ADDRESS;
    else
        node->kernel->run(parameters, node->grid, node->block);
    record.end_ns = now_ns();
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
    memcpy(record.grid, node->grid, sizeof record.grid);
    memcpy(record.block, node->block, sizeof record.block);
    fake_record(&record);
    return GOOD; /* as on a device, it is told later */
}

/* --- streams and graphs --- */

API int cuStreamCreate(void **stream, unsigned flags) {
    (void)flags;
    *stream = &context.hung;
    return GOOD;
}

API int cuStreamSynchronize(void *stream) {
    (void)stream;
    while (context.hung)
        pause();
    return context.failed;
}

API int cuStreamBeginCapture_v2(void *stream, int mode) {
    (void)stream;
    (void)mode;
    struct graph *graph = calloc(1, sizeof *graph);
    graph->last = &graph->first;
    context.capture = graph;
    return GOOD;
}

API int cuStreamEndCapture(void *stream, void **graph) {
    (void)stream;
    *graph = context.capture;
    context.capture = NULL;
    return GOOD;
}

static int queue(struct node *node) {
    if (!context.capture)
        return run(node, false);
    struct node *kept = malloc(sizeof *kept);
    *kept = *node;
    *context.capture->last = kept;
    context.capture->last = &kept->next;
    return GOOD;
}

API int cuLaunchKernelEx(const struct cuda_launch *launch, void *function, void **parameters,
                         void **extra) {
    struct node node = {.kernel = function};
    (void)extra;
    if (context.failed)
        return context.failed;
    if ((uint64_t)launch->block[0] * launch->block[1] * launch->block[2] > 1024)
        return INVALID;
    memcpy(node.grid, launch->grid, sizeof node.grid);
    memcpy(node.block, launch->block, sizeof node.block);
    if (node.kernel->sizes[0] == '*')
        memcpy(node.operation, parameters[0], sizeof(struct hone_operation));
    else
        for (size_t i = 0; node.kernel->sizes[i]; i++)
            memcpy(&node.values[i], parameters[i], (size_t)(node.kernel->sizes[i] - '0'));
    return queue(&node);
}

int fake_launch(const char *name, const uint64_t *values) {
    struct node node = {.kernel = fake_operator_find(name, strlen(name)), .grid = {7, 1, 1}};
    memcpy(node.values, values, strlen(node.kernel->sizes) * sizeof *values);
    return context.failed ? context.failed : queue(&node);
}

API int cuStreamGetCaptureInfo_v2(void *stream, int *status, uint64_t *id, void **graph,
                                  const void **dependencies, size_t *count) {
    (void)stream;
    (void)dependencies;
    (void)count;
    *status = context.capture != NULL;
    *id = 1;
    *graph = context.capture;
    return GOOD;
}

API int cuGraphGetNodes(void *of, void **nodes, size_t *count) {
    const struct graph *graph = of;
    size_t found = 0;
    for (struct node *node = graph->first; node; node = node->next)
        if (nodes)
            nodes[found++] = node;
        else
            found++;
    *count = found;
    return GOOD;
}

API int cuGraphNodeGetType(void *of, int *type) {
    const struct node *node = of;
    *type = node->kernel ? CUDA_NODE_KERNEL : 7;
    return GOOD;
}

API int cuGraphInstantiateWithFlags(void **instance, void *graph, unsigned long long flags) {
    (void)flags;
    *instance = graph;
    return graph ? GOOD : INVALID;
}

API int cuGraphUpload(void *instance, void *stream) {
    (void)instance;
    (void)stream;
    return GOOD;
}

API int cuGraphLaunch(void *instance, void *stream) {
    const struct graph *graph = instance;
    int result = GOOD;
    (void)stream;
    for (struct node *node = graph->first; node && result == GOOD; node = node->next)
        result = run(node, true);
    return result;
}

API int cuGraphDestroy(void *destroyed) {
    struct graph *graph = destroyed;
    for (struct node *node = graph->first, *next; node; node = next) {
        next = node->next;
        free(node);
    }
    free(graph);
    return GOOD;
}

API int cuGraphExecDestroy(void *instance) {
    (void)instance;
    return GOOD;
}

/* --- events --- */

API int cuEventCreate(void **event, unsigned flags) {
    (void)flags;
    *event = calloc(1, sizeof(struct event));
    return GOOD;
}

API int cuEventRecord(void *recorded, void *stream) {
    struct event *event = recorded;
    (void)stream;
    event->ns = now_ns();
    event->recorded = !context.hung;
    return GOOD;
}

API int cuEventRecordWithFlags(void *event, void *stream, unsigned flags) {
    struct node node = {.event = event};
    return flags == CUDA_EVENT_RECORD_NODE ? queue(&node) : cuEventRecord(event, stream);
}

API int cuEventQuery(void *queried) {
    const struct event *event = queried;
    return context.failed ? context.failed : event->recorded ? GOOD : NOT_READY;
}

API int cuEventElapsedTime(float *ms, void *begin, void *end) {
    const uint64_t ns = ((struct event *)end)->ns - ((struct event *)begin)->ns;
    *ms = (float)((double)ns / 1e6);
    if (context.foreign)
        *ms *= context.unseen || fake_is("events_fast") ? 0.1f
               : fake_is("events_slow")                 ? 10.0f
                                                        : 1.0f;
    return GOOD;
}
