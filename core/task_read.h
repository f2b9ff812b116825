/* task_read.h - what the files that make up the task parser, and its prompt, share; nobody else
 * includes it. */
#ifndef HONE_CORE_TASK_READ_H
#define HONE_CORE_TASK_READ_H

#include "core/expression.h"
#include "core/task.h"
#include "core/task_json.h"

#define HONE_TENSOR_BYTES_MAX ((int64_t)1 << 31)
#define HONE_WORKLOADS_MAX 64

/* A parse in progress. Everything is allocated from the task's storage, and freed with it. */
struct hone_task_reading {
    struct hone_task *task;
    uint32_t variant;
    const char *file; /* "tasks/algebra/gemm/task.json" */
    struct hone_error *error;
};

/* Zeroed memory that lives as long as the task; NULL when there is none. */
void *hone_task_allocate(struct hone_task *task, uint64_t bytes);
const char *hone_task_keep(struct hone_task *task, const char *text);
const struct hone_task_file *hone_task_find_file(const struct hone_task *task, const char *name);

/* A C identifier of less than HONE_NAME_SIZE bytes that C, C++ and the trampolines leave free. */
int hone_task_read_name(const struct hone_value *json, const char *text);
/* Text kept by the task. */
int hone_task_read_text(const struct hone_task_reading *reading, const struct hone_value *json,
                        const char **text);

/* A list of at most 64; leaves both as they are where there is none. */
int hone_task_read_texts(const struct hone_task_reading *reading, const struct hone_value *json,
                         const char *const **texts, uint32_t *count);

/* task_sizes.c: "gpu", the ranges and constraints that are wider there; needs axes and
 * constraints. */
int hone_task_read_profiles(const struct hone_task_reading *reading, const struct hone_value *json);

/* task_sample.c: "sample"; needs axes and args. */
int hone_task_read_sample(const struct hone_task_reading *reading, const struct hone_value *json);
/* task_variant.c: "dtypes", and the "dtypes" of what only some variants have. */
int hone_task_read_dtypes(const struct hone_task_reading *reading, const struct hone_value *json);
int hone_task_in_variant(const struct hone_task_reading *reading, const struct hone_value *entry,
                         bool *in);
/* The dtype an argument names, "T" among them. */
int hone_task_read_dtype(const struct hone_task_reading *reading, const struct hone_value *json,
                         enum hone_dtype *dtype, bool *varies);
/* A real expression, with the dtype in place of "T" in sizeof(T); kept by the task. */
int hone_task_read_expression(const struct hone_task_reading *reading,
                              const struct hone_value *json, const char **text);
/* An object of such, by key, each of which may be missing; nothing where there is no object. */
int hone_task_read_expressions(const struct hone_task_reading *reading,
                               const struct hone_value *json, const char *const keys[],
                               const char **const texts[]);
int hone_task_read_tolerance(const struct hone_task_reading *reading,
                             const struct hone_value *json);
/* Puts the dtype behind id and into the hash of what is not the default; sees that "T" is used. */
int hone_task_name_variant(const struct hone_task_reading *reading, const struct hone_value *root);

/* task_args.c */
int hone_task_read_axes(const struct hone_task_reading *reading, const struct hone_value *json);
int hone_task_read_args(const struct hone_task_reading *reading, const struct hone_value *json);
int hone_task_read_scalar(const struct hone_value *json, enum hone_dtype dtype, double *value);
/* The whole numbers a dtype holds exactly. */
void hone_task_whole_range(enum hone_dtype dtype, double *low, double *high);

/* task_generate.c: one "gen". */
int hone_task_read_generate(const struct hone_task_reading *reading, const struct hone_value *json,
                            enum hone_dtype dtype, struct hone_generate *generate,
                            struct hone_generate_texts *texts);

/* task_structure.c: compute the parameters of a workload's generators that are expressions, by
 * argument, and find the arguments they name; then see that they fit the arguments and each other.
 * -ERANGE when they do not, so that a draw may be tried again. */
int hone_task_complete_generators(const struct hone_task *task, struct hone_workload *workload,
                                  const struct hone_generate_texts *texts,
                                  struct hone_error *error);
extern const char *const hone_task_parameter_names[HONE_PARAMETERS];
double *hone_task_parameter(struct hone_generate *generate, uint32_t parameter);

/* task_workloads.c; needs axes, args, constraints, tolerance, reduction and cost. */
int hone_task_read_workloads(const struct hone_task_reading *reading,
                             const struct hone_value *json);
/* Of a workload or hidden entry: where it runs; generators, scalars, exactness and weight; that its
 * axes are the task's; and that everything the task computes from them is possible. */
int hone_task_read_profile_of(const struct hone_value *json, enum hone_sizes *profile);
int hone_task_read_common(const struct hone_task_reading *reading, const struct hone_value *json,
                          struct hone_workload *workload,
                          struct hone_generate_texts texts[HONE_ARGS_MAX]);
int hone_task_require_axes(const struct hone_task *task, const struct hone_value *json);
int hone_task_check_workload(const struct hone_task *task, const struct hone_workload *workload,
                             const struct hone_value *json);

/* task_hidden.c; needs the same. */
int hone_task_read_hidden(const struct hone_task_reading *reading, const struct hone_value *json);

/* task_draw.c: compute the axes that are expressions, then see that ranges and constraints hold.
 * -ERANGE when they do not. */
int hone_task_complete_axes(const struct hone_task *task, struct hone_workload *workload,
                            struct hone_error *error);
/* The same, and what a hidden entry asks for beside the task. */
int hone_task_complete_draw(const struct hone_task *task, const struct hone_hidden *hidden,
                            struct hone_workload *workload, struct hone_error *error);
/* Draw hidden[index], which must exist; the text says why the last attempt failed. */
int hone_task_try_draw(const struct hone_task *task, uint32_t index, uint64_t seed,
                       struct hone_workload *workload, struct hone_error *error);

/* task_graph.c: the graph in the file that `json` names, checked under every workload and many
 * draws. */
int hone_task_read_graph(const struct hone_task_reading *reading, const struct hone_value *json,
                         struct hone_graph **graph);

/* task_size.c */
uint32_t hone_task_names(const struct hone_task *task, const struct hone_workload *workload,
                         struct hone_name names[HONE_AXES_MAX]);
int hone_task_check_arg(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, uint32_t *dimension, struct hone_error *error);
int hone_task_check_limits(const struct hone_task *task, const struct hone_workload *workload,
                           uint32_t arg, double rms, struct hone_limits *limits,
                           struct hone_error *error);
int hone_task_check_cost(const struct hone_task *task, const struct hone_workload *workload,
                         struct hone_error *error);
int hone_task_check_workspace(const struct hone_task *task, const struct hone_workload *workload,
                              struct hone_error *error);

/* The name and text of a file that task.json names. */
int hone_task_read_file(const struct hone_task_reading *reading, const struct hone_value *json,
                        const char **name, const char **text);
/* The "baselines" of task.json. */
int hone_task_read_baselines(const struct hone_task_reading *reading,
                             const struct hone_value *json);

#endif
