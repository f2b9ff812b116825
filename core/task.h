/* task.h - a task, parsed and checked: the meaning of one task.json.
 *
 * Immutable after hone_task_parse(), hone_task_settle() and hone_task_choose(); any thread. Strings
 * live as long as the task. Sizes: `count` are elements, `bytes` bytes; shapes are row-major.
 *
 * Generators are named by "dist" in an argument's "gen", and per workload in the workload's "gen".
 * Numbers marked * may be expressions over the axes, so that they follow sizes.
 *
 *   normal       mean, std, outliers {p, scale}, poison     uniform    low*, high*, poison
 *   ints         low*, high* (inclusive)                    bernoulli  p
 *   permutation  of 0..count-1                              constant   value
 *   zipf         low*, high*: integers, one of n values with a chance of about 1/rank; which value
 *                is the frequent one differs from seed to seed
 *   lengths      low*, high*: spread evenly over the range, in random order; both ends occur
 *   offsets      total*, rows "uniform" or "power_law" (one row holds a twentieth), most* (entries
 *                of one row), empty (a share of rows): 0 = first <= ... <= last = total
 *   csr          offsets, columns*, band*, duplicates: the columns of every row of `offsets`,
 * sorted page_table   lengths, pages*: pages of 0..pages-1, each at most once in the whole table
 *
 * Inputs that must agree are not drawn together: one names the other and derives what it needs from
 * that one's generator. So csr names its offsets, a page_table its lengths, and a cache of floats
 * with "poison" its page table: every slot of [pages, page, ...] that no sequence uses holds NaN.
 */
#ifndef HONE_CORE_TASK_H
#define HONE_CORE_TASK_H

#include "plugins/evidence.h"
#include "plugins/task.h"

#include <stdbool.h>
#include <stdint.h>

#define HONE_ARGS_MAX 24
#define HONE_DTYPES_MAX 4
#define HONE_DIMS_MAX 6

enum hone_dtype {
    HONE_F64 = 1,
    HONE_F32,
    HONE_F16,
    HONE_BF16,
    HONE_I64,
    HONE_I32,
    HONE_U8,
    HONE_BOOL,
    HONE_U32, /* this and the next: of workspaces only */
    HONE_U64,
};
#define HONE_DTYPE_COUNT (HONE_U64 + 1)

enum hone_role { HONE_IN = 1, HONE_INOUT, HONE_PARAM, HONE_OUT, HONE_SCALAR, HONE_AXIS };

enum hone_generator {
    HONE_GEN_NORMAL = 1,
    HONE_GEN_UNIFORM,
    HONE_GEN_INTS,
    HONE_GEN_BERNOULLI,
    HONE_GEN_PERMUTATION,
    HONE_GEN_CONSTANT,
    HONE_GEN_OFFSETS,
    HONE_GEN_CSR,
    HONE_GEN_LENGTHS,
    HONE_GEN_PAGE_TABLE,
    HONE_GEN_ZIPF,
};

enum hone_rows_model { HONE_ROWS_UNIFORM = 0, HONE_ROWS_POWER_LAW };

/* How one input is drawn. Which fields count depends on the kind. No pointers: workloads are sent
 * to other processes as they are. */
struct hone_generate {
    enum hone_generator kind;
    uint32_t rows;          /* offsets: enum hone_rows_model */
    uint32_t duplicates;    /* csr: a column may occur twice in a row */
    uint32_t other;         /* csr: argument of the offsets; page_table: of the lengths; */
                            /* normal, uniform: of the page table to poison by, or HONE_NO_ARG */
    double mean, deviation; /* normal */
    double low, high;       /* uniform; ints, zipf and lengths (inclusive) */
    double probability;     /* bernoulli */
    double value;           /* constant */
    double outlier_probability; /* normal: this share of elements ... */
    double outlier_scale;       /* ... is multiplied by this */
    double total, most, empty;  /* offsets; a `most` below 0: any number */
    double columns, band;       /* csr; a `band` below 0: all columns */
    double pages;               /* page_table */
};
#define HONE_NO_ARG UINT32_MAX

/* The parameters that may be expressions, as task.json calls them, and the argument that `other`
 * will be the index of. NULL: not given, or given as a number. */
enum { HONE_LOW, HONE_HIGH, HONE_TOTAL, HONE_MOST, HONE_COLUMNS, HONE_BAND, HONE_PAGES };
#define HONE_PARAMETERS 7
struct hone_generate_texts {
    const char *parameters[HONE_PARAMETERS];
    const char *other;
};

struct hone_axis {
    const char *name;
    const char *expression; /* NULL: a variable, given by the workload */
    int64_t low, high;      /* of a variable */
};

struct hone_arg {
    const char *name;
    enum hone_role role;
    enum hone_dtype dtype;            /* HONE_AXIS is HONE_I64 */
    bool varies;                      /* its dtype is the task's element type, "T" */
    uint32_t ndim;                    /* 0 for scalars and axes */
    const char *shape[HONE_DIMS_MAX]; /* integer expressions over axes */
    struct hone_generate generate; /* in, inout, param: as written, before `texts` are computed */
    struct hone_generate_texts texts;
    double scalar; /* HONE_SCALAR */
    uint32_t axis; /* HONE_AXIS: index */
};

struct hone_workload {
    char id[HONE_NAME_SIZE];
    enum hone_workload_set set;
    bool exact;   /* outputs must equal the oracle bit for bit (integer inputs) */
    bool sampled; /* too big for the whole truth: core/sample.h */
    bool big; /* verified with one call, and only before something is timed (core/task_view.h) */
    double weight;
    uint32_t changed; /* 1 + the input of which one element is changed after drawing; 0: none */
    uint32_t nudged;  /* 1 + the input whose low bits are moved after drawing; 0: none */
    int64_t axes[HONE_AXES_MAX];                  /* every axis, expressions evaluated */
    struct hone_generate generate[HONE_ARGS_MAX]; /* this workload's: overridden and computed */
    double scalar[HONE_ARGS_MAX];
};

/* A hidden workload before it is drawn: one entry of task.json with {"loguniform": [low, high]} and
 * the like as axes. */
struct hone_hidden {
    uint32_t draws; /* how many of it an evaluation gets */
    struct {
        enum { HONE_DRAW_FIXED, HONE_DRAW_UNIFORM, HONE_DRAW_LOGUNIFORM, HONE_DRAW_CHOICE } kind;
        int64_t low, high; /* fixed: low */
        uint32_t choice_count;
        int64_t choices[16];
    } axes[HONE_AXES_MAX];
    uint32_t constraint_count; /* beside the task's own */
    const char *const *constraints;
    struct hone_workload base; /* set, generators, exact */
    struct hone_generate_texts texts[HONE_ARGS_MAX];
};

struct hone_tolerance { /* real expressions over axes; `scale` is the rms of the wanted output */
    const char *atol, *rtol, *rel_l2;
};

/* A task has one score baseline without a library, and may have others that call one: the first in
 * task.json whose library the device has is the one that speedup is measured over. Where none is,
 * it is the one without. Floor: what anybody would write. Compare: timed and shown, nothing else;
 * so is a score baseline that was not chosen. */
enum hone_baseline_role { HONE_FLOOR = 1, HONE_SCORE, HONE_COMPARE };
const char *hone_baseline_role_name(enum hone_baseline_role role);

#define HONE_TASK_BASELINES_MAX 8 /* of all languages; in C at most HONE_BASELINES_MAX */
struct hone_baseline {
    char name[HONE_NAME_SIZE];
    char language[16];
    const char *file;
    const char *source; /* the text of that file */
    enum hone_baseline_role role;
    const char *library; /* that it calls; NULL: it stands alone */
    bool chosen;         /* speedup is measured over this one */
    bool absent;         /* the device lacks the library */
    uint32_t place;      /* in task.json */
};

/* Which sizes a device runs. The gpu's workloads are the debug and verify ones of the cpu, and
 * bench ones of its own; its hidden ones are the cpu's and its own. A task that has no bench
 * workload for a gpu is timed there on the cpu's. */
enum hone_sizes { HONE_SIZES_CPU = 0, HONE_SIZES_GPU, HONE_SIZES_COUNT };

struct hone_task_profile {
    uint32_t workload_count, hidden_count, constraint_count;
    uint32_t shared_count; /* of the gpu's workloads: the first, which are the cpu's too */
    const struct hone_workload *workloads;
    const struct hone_hidden *hidden;
    const char *const *constraints;
    int64_t low[HONE_AXES_MAX], high[HONE_AXES_MAX]; /* of variable axes */
};

/* The axes along which the oracle can be asked for a few indices alone: it gives the same for an
 * index whatever the others are. And the axis its outputs are linear in, all inputs that carry it
 * taken together; none for a variant of 16-bit floats. core/sample.h says what becomes of them. */
#define HONE_SAMPLE_AXES_MAX 4
#define HONE_NO_AXIS UINT32_MAX
struct hone_task_sample {
    uint32_t axis_count; /* 0: the task has no sampled workloads */
    uint32_t axes[HONE_SAMPLE_AXES_MAX];
    int64_t counts[HONE_SAMPLE_AXES_MAX]; /* indices of each */
    uint32_t linear;                      /* an axis, or HONE_NO_AXIS */
};

struct hone_graph;

struct hone_task {
    const char *id, *version, *title, *prompt, *origin;
    char hash[33]; /* content hash of all its files, and of a variant's dtype: XXH3-128, hex */
    uint64_t hash64;
    uint32_t dtype_count; /* element types it comes in; 0: its arguments say */
    enum hone_dtype dtypes[HONE_DTYPES_MAX];
    uint32_t variant; /* which of them this is; the first is the default */
    uint32_t tag_count;
    const char *const *tags;

    uint32_t axis_count;
    struct hone_axis axes[HONE_AXES_MAX];
    uint32_t constraint_count;
    const char *const *constraints;

    uint32_t arg_count;
    struct hone_arg args[HONE_ARGS_MAX];

    enum hone_sizes sizes;   /* of which the ranges and constraints above and these are */
    uint32_t workload_count; /* debug, verify, bench; hidden ones are drawn */
    const struct hone_workload *workloads;
    uint32_t hidden_count;
    const struct hone_hidden *hidden;
    struct hone_task_profile profiles[HONE_SIZES_COUNT];
    struct hone_task_sample sample;

    struct hone_tolerance tolerance[HONE_DTYPE_COUNT]; /* of outputs, by their dtype */
    const char *reduction;          /* K: integer expression; "1" when nothing is reduced */
    const char *flops, *bytes;      /* real expressions; NULL when not given */
    const char *workspace;          /* bytes: integer expression; NULL when not given */
    uint32_t baseline_count;        /* those in C that run here; [0] is the score baseline */
    uint32_t cuda_baseline_count;   /* these follow; the first scores what is written in CUDA, which
                                       is the floor where no other has "role": "score" */
    uint32_t absent_baseline_count; /* and then those whose library is not there */
    struct hone_baseline baselines[HONE_TASK_BASELINES_MAX];
    const char *oracle;           /* C source of oracle.c; NULL: a graph, or the plugin's own */
    struct hone_graph *graph;     /* of oracle.graph (core/task_graph.h); NULL: none */
    struct hone_graph *operators; /* whose lines plans may name; often the same; NULL: none */

    double compile_limit_s, call_limit_s;
    uint64_t source_limit_bytes;

    uint32_t file_count; /* every file, for showing and hashing */
    const struct hone_task_file *files;
    void *storage; /* what all pointers above point into */
};

/* Parse and check a description. On error nothing is allocated and the text names file, JSON path
 * and what was expected. */
int hone_task_parse(const struct hone_task_description *description, struct hone_task **task,
                    struct hone_error *error);
/* The same with "T" standing for the task's dtypes[variant], and the dtype behind the id
 * ("dl/softmax@f16") unless it is the first: to everyone else a task of its own. -ERANGE: it comes
 * in fewer. */
int hone_task_parse_variant(const struct hone_task_description *description, uint32_t variant,
                            struct hone_task **task, struct hone_error *error);
void hone_task_destroy(struct hone_task *task);

/* [setup] Choose baselines for a device: `has` says whether it has a library; NULL, as after
 * parsing: it has none. */
void hone_task_settle(struct hone_task *task, bool (*has)(void *context, const char *library),
                      void *context);
/* [setup] Choose the sizes: the cpu's, as after parsing, or the gpu's. */
void hone_task_choose(struct hone_task *task, enum hone_sizes profile);
/* The index of the floor baseline; baseline_count: there is none. */
uint32_t hone_task_floor(const struct hone_task *task);

/* Draw one workload of hidden[index]: a pure function of the seed. Its id is "hidden", whatever the
 * index: seeds of different entries and draws must differ. -EINVAL: no such entry; -ERANGE: no draw
 * satisfied the constraints and generators, though those the parser tried did. */
int hone_task_draw(const struct hone_task *task, uint32_t index, uint64_t seed,
                   struct hone_workload *workload);

/* Shape of one argument under a workload. Returns the element count, 0 for scalars and axes; shape
 * may be NULL. Negative errno for axes that allow no shape: never for a parsed or drawn workload.
 */
int64_t hone_task_shape(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, int64_t shape[HONE_DIMS_MAX]);

/* Of all arguments that are tensors. */
uint64_t hone_workload_bytes(const struct hone_task *task, const struct hone_workload *workload);

uint32_t hone_dtype_bytes(enum hone_dtype dtype);
const char *hone_dtype_name(enum hone_dtype dtype); /* "f32" */
static inline bool hone_arg_is_tensor(const struct hone_arg *arg) {
    return arg->role <= HONE_OUT;
}
/* A scalar's value as the word it is passed in: an integer, or the bits of a float. */
uint64_t hone_arg_word(const struct hone_arg *arg, double value);
static inline bool hone_arg_is_output(const struct hone_arg *arg) {
    return arg->role == HONE_OUT || arg->role == HONE_INOUT;
}

/* Where everything of one set lies in its memory: inputs (in, inout, param) in their dtype, then
 * the oracle's outputs as f64; each starts on 64 bytes. Offsets of absent things are UINT64_MAX.
 * Of a sampled workload there are some elements of each output, where they stand, and sums. */
struct hone_set_layout {
    uint64_t total_bytes;
    uint64_t input_offset[HONE_ARGS_MAX];
    uint64_t oracle_offset[HONE_ARGS_MAX];
    int64_t count[HONE_ARGS_MAX]; /* elements; 0 for scalars and axes */

    bool sampled;                            /* then these count: */
    int64_t sample_count[HONE_ARGS_MAX];     /* elements the oracle gave */
    uint64_t position_offset[HONE_ARGS_MAX]; /* int64_t: which, ascending */
    uint64_t sum_offset[HONE_ARGS_MAX];      /* double: HONE_SUMS for every fibre */
    uint64_t sign_offset;                    /* uint8_t for every index of the linear axis */
    uint64_t drawn_offset; /* uint64_t: 1 when the inputs are what hone_inputs_fill() draws */
};
void hone_set_layout(const struct hone_task *task, const struct hone_workload *workload,
                     struct hone_set_layout *layout);

/* Tolerance of one output under one workload, with its rms known (core/judge.h): the task's, or
 * the default of the output's dtype; zeros for integers. -EINVAL for what is no output. */
struct hone_limits {
    double atol, rtol, rel_l2;
    double scale; /* the rms these go by, and the least that an l2 error is relative to */
};
int hone_task_limits(const struct hone_task *task, const struct hone_workload *workload,
                     uint32_t arg, double rms, struct hone_limits *limits);

/* K, the terms summed into one result under a workload: `reduction`; 0 where it has no value. */
int64_t hone_task_terms(const struct hone_task *task, const struct hone_workload *workload);

/* Is this file a bug in this language ("c", "cuda") that the task must judge wrong? wrong/tail.c is
 * one in every dtype the task comes in, wrong/f16/tail.c in that one. */
bool hone_task_is_wrong(const struct hone_task *task, const char *file, const char *language);

/* Floating-point operations and bytes of one call; NaN where the task does not say. */
void hone_task_cost(const struct hone_task *task, const struct hone_workload *workload,
                    double *flops, double *bytes);

/* Bytes of scratch memory a plan may declare for one call: "workspace": {"max_bytes": expression},
 * or 64 MiB. */
uint64_t hone_task_workspace(const struct hone_task *task, const struct hone_workload *workload);

/* The prototype `void solve(...)` of a language ("c" or "cuda"), without the semicolon; and the
 * whole prompt an agent reads: title, mathematics, prototype, axes, visible workloads, tolerance,
 * rules. The caller frees. NULL: out of memory. */
char *hone_task_prototype(const struct hone_task *task, const char *language);
char *hone_task_prompt(const struct hone_task *task, const char *language);

/* What goes before and after a source to reach it with 64-bit words (plugins/hardware.h): prelude
 * is
 * `#include <stdint.h>` and `void solve(...);`, epilogue
 * `void hone_call_0(const uint64_t *words) { solve(...); }`. `function` is "solve" for candidates.
 * With `oracle`, outputs are double *, and that of an inout argument holds its input, as doubles,
 * before the call. The caller frees; NULL: out of memory. */
char *hone_task_prelude(const struct hone_task *task, const char *function, bool oracle);
char *hone_task_epilogue(const struct hone_task *task, const char *function, bool oracle);

#endif
