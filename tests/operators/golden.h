/* golden.h - the cases of the files in this folder, which make.py writes: a line of a graph, its
 * arguments and what it must give. */
#ifndef HONE_TESTS_OPERATORS_GOLDEN_H
#define HONE_TESTS_OPERATORS_GOLDEN_H

#include "core/graph.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const golden_families[] = {"elementwise", "reduce",  "layout", "matmul",
                                              "convolution", "pool",    "norm",   "attention",
                                              "sparse",      "science", "loss"};
#define GOLDEN_FAMILIES (sizeof golden_families / sizeof *golden_families)

struct golden {
    char line[512]; /* of the graph */
    uint32_t count;
    char names[HONE_OPERANDS_MAX + 1][32];
    struct hone_graph_argument arguments[HONE_OPERANDS_MAX + 1]; /* the last is the output y */
    double *wanted;                                              /* of y */
};

/* "x [2, 3] 1 2 ...": one argument. */
static inline void golden_read_array(char *text, char name[32], struct hone_array *array) {
    char *at = strchr(text, '[') + 1;
    snprintf(name, 32, "%.*s", (int)strcspn(text, " "), text);
    *array = (struct hone_array){.count = 1};
    while (*at != ']') {
        array->shape[array->ndim] = strtoll(at, &at, 10);
        array->count *= array->shape[array->ndim++];
        at += strspn(at, ", ");
    }
    at++;
    array->data = malloc((size_t)array->count * sizeof(double) + 1);
    for (int64_t i = 0; i < array->count; i++) {
        char *before = at;
        array->data[i] = strtod(at, &at);
        cr_assert(ne(ptr, at, before), "%s has fewer values than its shape", name);
    }
}

/* The next case; false at the end of the file. */
static inline bool golden_next(FILE *file, struct golden *golden) {
    static char line[65536];
    *golden = (struct golden){0};
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (!*line && golden->line[0])
            break;
        if (!*line)
            continue;
        if (!golden->line[0]) {
            snprintf(golden->line, sizeof golden->line, "%.511s", line);
            continue;
        }
        struct hone_graph_argument *argument = &golden->arguments[golden->count];
        golden_read_array(line, golden->names[golden->count], &argument->array);
        argument->name = golden->names[golden->count++];
        argument->role = HONE_GRAPH_INPUT;
    }
    if (!golden->count)
        return false;
    struct hone_graph_argument *output = &golden->arguments[golden->count - 1];
    cr_assert(eq(str, (char *)output->name, "y"));
    output->role = HONE_GRAPH_OUTPUT;
    golden->wanted = output->array.data;
    output->array.data = NULL;
    output->out = calloc((size_t)output->array.count + 1, sizeof(double));
    return true;
}

static inline void golden_free(struct golden *golden) {
    for (uint32_t i = 0; i < golden->count; i++)
        free(golden->arguments[i].array.data);
    free(golden->arguments[golden->count - 1].out);
    free(golden->wanted);
}

static inline FILE *golden_open(const char *family) {
    char path[128];
    snprintf(path, sizeof path, "tests/operators/%s.txt", family);
    FILE *file = fopen(path, "r");
    cr_assert(ne(ptr, file, NULL), "%s cannot be opened", path);
    return file;
}

/* The graph of a case, whose shapes are right. */
static inline struct hone_graph *golden_graph(const struct golden *golden) {
    struct hone_graph *graph = NULL;
    struct hone_error error = {""};
    cr_assert(eq(int,
                 hone_graph_parse(golden->line, strlen(golden->line), "golden", golden->arguments,
                                  golden->count, &graph, &error),
                 0),
              "%s: %s", golden->line, error.text);
    return graph;
}

/* The first element that is further off than `limit` times the largest wanted; -1: none. */
static inline int64_t golden_differs(const struct golden *golden, const double *got, double limit) {
    const struct hone_array *output = &golden->arguments[golden->count - 1].array;
    double most = 0;
    for (int64_t i = 0; i < output->count; i++)
        most = fmax(most, fabs(golden->wanted[i]));
    for (int64_t i = 0; i < output->count; i++)
        if (!(fabs(got[i] - golden->wanted[i]) <=
              limit * fmax(fmin(most, 1), 0) + limit * fabs(golden->wanted[i])))
            return i;
    return -1;
}

#endif
