/* graph_private.h - what reading a graph and computing it share; nobody else includes it. */
#ifndef HONE_CORE_GRAPH_PRIVATE_H
#define HONE_CORE_GRAPH_PRIVATE_H

#include "core/graph.h"

#define HONE_GRAPH_ARGUMENTS_MAX 64

struct hone_graph {
    char *text; /* the graph's own, cut into words */
    char *file;
    uint32_t argument_count;
    struct {
        char name[HONE_NAME_SIZE];
        enum hone_graph_role role;
    } arguments[HONE_GRAPH_ARGUMENTS_MAX];
    uint32_t step_count;
    struct hone_graph_step steps[HONE_GRAPH_STEPS_MAX];
};

/* Say what is wrong at a place of the text; returns -EINVAL. */
int hone_graph_fail(const struct hone_graph *graph, uint32_t line, uint32_t column,
                    struct hone_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
