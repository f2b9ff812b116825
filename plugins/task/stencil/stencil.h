/* stencil.h - a family of stencils, and the texts of one: what its files share.
 *
 * Every writer appends one file of a task to `out`; whether it could is the stream's to say.
 */
#ifndef HONE_STENCIL_STENCIL_H
#define HONE_STENCIL_STENCIL_H

#include "plugins/task.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define STENCIL_POINTS_MAX 49
#define STENCIL_SHAPES_MAX 32
#define STENCIL_FILES_MAX 9

enum stencil_kind { STENCIL_LINE, STENCIL_CROSS, STENCIL_BOX };

struct stencil_point {
    int down, right; /* where the neighbour is; `down` is 0 in one dimension */
    int eighths;
};

struct stencil {
    char name[24];
    enum stencil_kind kind;
    int radius;
    uint32_t point_count;
    struct stencil_point points[STENCIL_POINTS_MAX];
    uint32_t file_count;
    struct hone_task_file files[STENCIL_FILES_MAX]; /* texts are ours; names are constants */
};

struct stencil_elements {
    const char *type, *suffix; /* in C: of a variable, and of a constant */
    const char *dtype;         /* in task.json */
};

struct stencil_family {
    const struct stencil_elements *elements;
    long long size; /* elements of a bench workload */
    uint32_t count;
    struct stencil stencils[STENCIL_SHAPES_MAX];
};

/* sources.c: what is true, two baselines, and three bugs. */
void stencil_write_oracle(FILE *out, const struct stencil_family *family,
                          const struct stencil *stencil);
void stencil_write_naive(FILE *out, const struct stencil_family *family,
                         const struct stencil *stencil);
void stencil_write_tuned(FILE *out, const struct stencil_family *family,
                         const struct stencil *stencil);
void stencil_write_tail(FILE *out, const struct stencil_family *family,
                        const struct stencil *stencil);
void stencil_write_mirrored(FILE *out, const struct stencil_family *family,
                            const struct stencil *stencil);
void stencil_write_wrapped(FILE *out, const struct stencil_family *family,
                           const struct stencil *stencil);

/* description.c */
void stencil_write_prompt(FILE *out, const struct stencil_family *family,
                          const struct stencil *stencil);
void stencil_write_json(FILE *out, const struct stencil_family *family,
                        const struct stencil *stencil);

#endif
