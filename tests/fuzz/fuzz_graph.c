/* Any text is a graph whose shapes are checked and that runs, or an error that names its place. */
#include "core/graph.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FEW 4096 /* elements and steps a run may have here: what is large is only checked */

static struct hone_graph_argument arguments[] = {
    {.name = "x", .role = HONE_GRAPH_INPUT, .array = {2, {3, 4}, 12, NULL}},
    {.name = "w", .role = HONE_GRAPH_INPUT, .array = {4, {2, 3, 3, 2}, 36, NULL}},
    {.name = "i", .role = HONE_GRAPH_INPUT, .array = {1, {4}, 4, NULL}},
    {.name = "s", .role = HONE_GRAPH_INOUT, .array = {3, {2, 4, 2}, 16, NULL}},
    {.name = "y", .role = HONE_GRAPH_OUTPUT, .array = {2, {3, 4}, 12, NULL}},
    {.name = "n", .role = HONE_GRAPH_INTEGER, .number = 4},
    {.name = "eps", .role = HONE_GRAPH_REAL, .number = 0.5},
};
#define ARGUMENTS (sizeof arguments / sizeof *arguments)

/* How much a run would do, by what it writes and how often. */
static bool is_small(const struct hone_graph *graph) {
    uint32_t count;
    hone_graph_steps(graph, &count);
    struct hone_operation *operations = calloc(count, sizeof *operations);
    bool small = operations != NULL;
    if (operations && hone_graph_resolve(graph, arguments, operations, NULL, NULL) < 0)
        abort(); /* it was checked */
    for (uint32_t k = 0; small && k < count; k++) {
        small &= operations[k].output.count <= FEW;
        for (uint32_t j = 0; j < HONE_ATTRIBUTES_MAX; j++)
            for (uint32_t v = 0; v < operations[k].attributes[j].count; v++)
                small &= !(operations[k].attributes[j].values[v] > FEW);
    }
    free(operations);
    return small;
}

static void run(const struct hone_graph *graph) {
    double room[ARGUMENTS][64], out[ARGUMENTS][64];
    for (uint32_t i = 0; i < ARGUMENTS; i++) {
        for (uint32_t k = 0; k < 64; k++)
            room[i][k] = k % 3;
        arguments[i].array.data = room[i];
        arguments[i].out = out[i];
    }
    struct hone_error error = {""};
    if (hone_graph_run(graph, arguments, &error) < 0 && !*error.text)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    struct hone_graph *graph = NULL;
    struct hone_error error = {""};
    if (!text)
        return 0;
    memcpy(text, data, size);
    int result = hone_graph_parse(text, size, "fuzz", arguments, ARGUMENTS, &graph, &error);
    if (result == 0)
        result = hone_graph_check(graph, arguments, &error);
    if (result < 0 && !*error.text)
        abort();
    if (result == 0 && is_small(graph))
        run(graph);
    hone_graph_destroy(graph);
    free(text);
    return 0;
}
