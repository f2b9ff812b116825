/* hardware.h - a backend: its devices, how a language is compiled for them, and a runner.
 *
 * Loaded in the supervisor. A backend owns its guest or launcher, the process in which untrusted
 * code runs; compilers run in the jail, which the host drives: compile_begin() says what to run,
 * and compile_end() reads what came of it. Buffers are the host's, and the host writes inputs,
 * poisons outputs and judges; the backend maps them into the candidate's process and reads the
 * clock around each go. A device with memory of its own may be told by what rules to fill it, and
 * be asked what is in it after a go, in place of the bytes (material.h).
 *
 * Threads: [device] one thread for each device, the one that measures on it.
 */
#ifndef HONE_HARDWARE_H
#define HONE_HARDWARE_H

#include "evidence.h"
#include "material.h"
#include "plugin.h"

/* Levels of confinement, each without something that the one before it has: A namespaces, a filter
 * and cgroups; B no cgroups; C no namespaces: Landlock and a filter; D no user notification; E no
 * Landlock; F no filter. Below C untrusted code is refused unless the user trusts it. */

/* Filled by the backend; the host sets `size`. Grows at the end; the writer obeys `size`. */
struct hone_device {
    uint32_t size;
    int32_t measuring_cpu;   /* the core the [device] thread shall be pinned to; -1: any */
    char id[HONE_NAME_SIZE]; /* "cpu", "cuda:0" */
    char name[96];           /* "AMD EPYC 9R45" */
    char fingerprint[256];   /* device, driver, toolchain and clocks, one line, for results */
    char confinement[4];     /* "A" to "F" */
    char protocol[64];       /* the backend's measuring parameters, one line */
    double clock_hz;         /* highest seen; NaN when unknown */
    double memory_bandwidth; /* bytes a second that nothing exceeds; NaN when unknown */
    double peak_flops;       /* f32, a second, likewise */
    int64_t sm_count, warp_size, max_shared_bytes, l2_bytes; /* 0 where there is none */
    double peak_tf32, peak_bf16; /* on matrix units, a second; NaN when not measured */
    int64_t memory_bytes;        /* the device's own; 0 where there is none */
    uint32_t gives; /* enum hone_need, of cpu_time, profile and counters: what it can measure */
    uint32_t reserved;
};

enum hone_support { HONE_UNSUPPORTED = 0, HONE_NATIVE, HONE_EMULATED_LANGUAGE };

/* A launch plan's steps, in the words of a call. */
enum hone_step_kind {
    HONE_STEP_LAUNCH = 1, /* a kernel */
    HONE_STEP_CALL,       /* a function */
    HONE_STEP_OP,         /* an operator of the library: never in the words of a candidate */
};

/* What a plan hands to a function or kernel, as its author wrote it. */
enum hone_argument_kind {
    HONE_ARGUMENT_POINTER = 1,
    HONE_ARGUMENT_INT64,
    HONE_ARGUMENT_INT32, /* (int) in front */
    HONE_ARGUMENT_F32,
    HONE_ARGUMENT_F64,
};

/* Frozen. */
struct hone_plan_entry_argument {
    uint32_t kind;     /* enum hone_argument_kind */
    uint8_t type_code; /* of what a pointer points to: enum hone_type_code of tensor.h, */
    uint8_t type_bits; /* and its size */
    uint8_t writes;    /* a pointer to memory that the candidate may write */
    uint8_t reserved[5];
};

/* One function or kernel that a plan names. Frozen. */
struct hone_plan_entry {
    const char *name;
    uint32_t kind; /* enum hone_step_kind */
    uint32_t line; /* of the plan line that names it first */
    uint32_t argument_count;
    uint32_t reserved;
    const struct hone_plan_entry_argument *arguments;
};

/* Entry `index` of an image is called with 64-bit words: pointers and integers as themselves, f32
 * as its bits in the low half, f64 as its bits.
 *
 * Without a plan the one entry is solve(), and the words of a call are its arguments in order. With
 * a plan the one entry runs the plan: the words of a call are the number of steps, and for each
 * step
 *
 *     call      kind | index of the entry << 32, argument count, arguments
 *     launch    the same two, grid x | y << 32, grid z | shared bytes << 32, block x | y << 32,
 *               block z | line << 32, cluster x | y << 16 | z << 32, arguments
 */
#define HONE_NO_DEVICE UINT32_MAX

struct hone_compile_request {
    uint32_t size;
    uint32_t device; /* HONE_NO_DEVICE: what the backend compiles for when it has none */
    const char *language;
    const char *source; /* `source_bytes` bytes and a NUL */
    uint64_t source_bytes;
    const char *options;  /* space-separated words, already checked against the known ones */
    const char *prelude;  /* prototypes from task and plan: goes before `#line 1` */
    const char *epilogue; /* trampolines `void hone_call_<index>(const uint64_t *words)` */
    uint32_t entry_count;
    uint32_t flags; /* enum hone_compile_flag; a backend that does not know one does without */
    const struct hone_plan_entry
        *entries; /* of a plan, `plan_entry_count` of them; NULL: no plan */
    uint32_t plan_entry_count;
    uint32_t plan_reserved;
    const char
        *library; /* trusted text only: the library it is built against, "openblas"; else NULL
                   */
};

enum hone_compile_flag {
    HONE_COMPILE_UNTIMED = 1u << 0, /* nobody will time the image: what is soon compiled will do,
                                       under a `toolchain` of its own if it is another image */
};

/* One file the jail shall have in its folder. Frozen. */
struct hone_job_file {
    const char *name;
    const void *bytes;
    uint64_t size;
};

/* A header that a compiler reads faster when it is compiled beforehand: once for each identity and
 * command line, in the jail, and kept. The compiler finds the result beside the header, or does
 * without it. Frozen. */
struct hone_job_header {
    const char *name;             /* the header, one of the job's files */
    const char *output;           /* what it is compiled to; shown under this name */
    const char *const *arguments; /* argv, as a job's */
    const char *identity;         /* of the compiler and of the headers that this one includes */
};

#define HONE_JOB_HEADERS_MAX 2

/* What the jail shall run; pointers live until compile_end() or compile_drop(). The words of
 * `arguments` are one program's, or several programs': one whose output goes into the next ends
 * with the word "|", one that the next waits for with "&&". */
struct hone_compile_job {
    uint32_t size;
    uint32_t file_count;
    const struct hone_job_file *files;
    const char *const *arguments; /* argv, NULL-terminated; programs are absolute paths */
    const char *output;           /* the file to bring back */
    uint64_t output_limit_bytes;
    uint64_t memory_limit_bytes;
    uint32_t cpu_limit_s, wall_limit_s;
    const char *toolchain; /* identity of compiler, guest and headers: part of the cache key */
    void *state;           /* the backend's own */
    const char *const
        *paths; /* files and folders that the programs need; NULL-terminated, absolute */
    const struct hone_job_header *header; /* may be NULL */
    uint32_t process_limit;               /* processes that the programs may start; 0: none */
    uint32_t header_count;                /* an array of so many, HONE_JOB_HEADERS_MAX; 0: one */
    const char *const *without_headers;   /* argv when one of them is not there; NULL: the same */
};

/* What came of it: untrusted bytes. */
struct hone_compile_output {
    uint32_t size;
    int32_t status; /* wait status; meaningless when timed_out */
    uint32_t timed_out;
    uint32_t reserved;
    const char *diagnostics; /* stdout and stderr, capped, NUL-terminated */
    uint64_t diagnostics_bytes;
    const void *bytes; /* the output file; NULL when there is none */
    uint64_t byte_count;
};

/* Filled by compile_end(): HONE_UNDECIDED means the image is good to load. */
struct hone_compile_result {
    uint32_t size;
    uint32_t verdict;
    uint32_t reason;
    uint32_t reserved;
    char message[512];
    void *image; /* malloc()ed, the host's to free; NULL: the image is the last job's output */
    uint64_t image_bytes;
    char note[512]; /* lines to tell after the diagnostics; may be empty */
};

/* Memory a candidate's process shall see: `bytes` at `offset` of `fd`, at exactly `address`, all of
 * them multiples of the page size. Everything between regions stays unmapped. Frozen. */
struct hone_region {
    uint64_t address;
    uint64_t offset;
    uint64_t bytes;
    int32_t fd;
    uint32_t writable;
};

/* Where in a region its data lie; the rest is guard. Frozen. */
struct hone_extent {
    uint64_t address, bytes;
};

struct hone_process_request {
    uint32_t size;
    uint32_t region_count;
    const struct hone_region *regions;
    const void *image;
    uint64_t image_bytes;
    uint64_t stack_bytes;
    uint64_t memory_limit_bytes;
    uint64_t start_limit_ns;               /* loading must be done by then */
    const struct hone_plan_entry *entries; /* as in the compile request */
    uint32_t plan_entry_count;
    uint32_t flags; /* enum hone_process_flag */
    const struct hone_extent
        *extents; /* of the regions, in their order, for a checking build; NULL: all is data */
};

enum hone_process_flag {
    HONE_PROCESS_LIBRARY = 1u << 0,   /* the image was built with a `library` */
    HONE_PROCESS_CHECKING = 1u << 1,  /* run the checking build, where the backend made one */
    HONE_PROCESS_OPERATORS = 1u << 2, /* no image: entry 0 runs operators (operators.h). Only where
                                         the feature "operators" is there */
    HONE_PROCESS_UNTIMED = 1u << 3,   /* nobody will time it: its memory need not be there before it
                                         is used */
};

/* One go: `count` calls in order, call i with the `word_count` words at words + i * word_count. A
 * go of no calls is allowed: before the first call of a process its time is what a go costs by
 * itself. */
struct hone_go {
    uint32_t size;
    uint32_t entry;
    uint32_t count;
    uint32_t word_count;
    const uint64_t *words;
    uint64_t limit_ns;     /* wall */
    uint64_t cpu_limit_ns; /* of the process's CPU clock, where it has one: a process that a busy
                              machine keeps waiting has until limit_ns; 0: none */
    uint32_t order;        /* enum hone_order: of an emulated block's threads */
    uint32_t reserved;
    uint64_t order_seed; /* HONE_ORDER_RANDOM */
};

enum hone_order { HONE_ORDER_FORWARD = 0, HONE_ORDER_REVERSE, HONE_ORDER_RANDOM };

enum hone_go_status {
    HONE_GO_DONE = 0,
    HONE_GO_CRASHED,   /* `signal` and, if believed, `address`; or `text` says what it was about */
    HONE_GO_EXITED,    /* the process ended by itself with `code` */
    HONE_GO_TIMED_OUT, /* killed */
    HONE_GO_REFUSED,   /* the loader refused the image; `text` says why */
    HONE_GO_FORBIDDEN, /* system call `code`; `text` names it */
    HONE_GO_LOST,      /* the guest or launcher itself died: a fault of ours */
    HONE_GO_REPORTED,  /* the checking build found a fault in the program: `code` is the enum
                          hone_reason it comes under, `report` what it saw; told by the candidate's
                          process */
    HONE_GO_DISPUTED,  /* the clocks around the calls disagree, more often than by chance; `text` */
};

struct hone_go_result {
    uint32_t size;
    uint32_t status; /* enum hone_go_status */
    int32_t signal;
    int32_t code;
    uint64_t address;     /* of the fault; told by the candidate's process: for messages only */
    uint32_t write_fault; /* told by the same */
    uint32_t reserved;
    uint64_t wall_ns; /* CLOCK_MONOTONIC around go and done */
    uint64_t cpu_ns;  /* the process's CPU clock, read from outside; 0 when it has none */
    char text[128];
    char report[512]; /* HONE_GO_REPORTED: what, in which kernel, block and thread, at which line */
};

/* One thing that confinement is made of, or a library that a compile request may name, under that
 * name: there, or what lacks and why. For `hone doctor`, and for the choice of baselines. Filled by
 * the backend; the host sets `size`. */
struct hone_feature {
    uint32_t size;
    uint32_t there;
    char name[HONE_NAME_SIZE];
    char text[192];
};

enum hone_profile_source {
    HONE_PROFILE_NONE = 0,
    HONE_PROFILE_RECORDS,  /* rows */
    HONE_PROFILE_COUNTERS, /* rows and counters */
};

/* What ran in a go. The host gives the places, the backend fills them. */
struct hone_profile {
    uint32_t size;
    uint32_t source; /* enum hone_profile_source */
    const char *set; /* of counters, by name; NULL: none */
    struct hone_profile_row *rows;
    uint32_t row_capacity, row_count;
    struct hone_profile_counter *counters;
    uint32_t counter_capacity, counter_count;
    char reason[128]; /* why there is less than was asked for; empty: there is not */
};

/* One question about memory that a preparation filled, after a go. The host gives the places, the
 * backend fills them. Frozen. */
struct hone_look {
    uint32_t kind;                 /* enum hone_look_kind */
    uint32_t unpoisoned;           /* output: it held an input: nothing in it is poison */
    struct hone_material material; /* as it was filled; fetch: only its address */
    /* Output: elements to bring back, at ascending places, */
    const struct hone_run *runs;
    uint64_t run_count, element_count;
    void *elements;
    /* and sums along fibres: element (o, j, i) of fibre o * inner + i. Length 0: none. Three for
     * each fibre: with either of the signs that the seed gives index j, and of squares. */
    uint64_t outer, length, inner;
    double *sums;
    uint64_t sign_seed;
    uint32_t sign_argument, reserved;
    uint64_t digest_seed; /* 0: no digest */
    struct hone_seen seen;
};

/* What the runs, elements and sums of the looks of one process_look() may take together. */
#define HONE_LOOKS_BYTES_MAX (48u << 20)

struct hone_hardware_ops {
    uint32_t size;
    uint32_t reserved;

    /* [setup] */
    int (*device_count)(void *self, uint32_t *count);
    int (*describe)(void *self, uint32_t device, struct hone_device *description);
    uint32_t (*supports)(void *self, uint32_t device, const char *language); /* enum hone_support */
    const char *const *(*options)(void *self, const char *language); /* names, NULL-terminated */

    /* [any] compile_end() consumes job->state whatever it returns; compile_drop() does for a job
     * that never ran. */
    int (*compile_begin)(void *self, const struct hone_compile_request *request,
                         struct hone_compile_job *job, struct hone_error *error);
    int (*compile_end)(void *self, struct hone_compile_job *job,
                       const struct hone_compile_output *output,
                       struct hone_compile_result *result);
    void (*compile_drop)(void *self, struct hone_compile_job *job);

    /* [device] A runner is a worker: a guest or a launcher. Negative errno: it must be replaced. */
    int (*runner_open)(void *self, uint32_t device, void **runner, struct hone_error *error);
    void (*runner_close)(void *runner);
    /* A process that holds one candidate. `started` says how loading went (done, refused, crashed,
     * timed out, lost); *process is NULL unless it was done. */
    int (*process_start)(void *runner, const struct hone_process_request *request, void **process,
                         struct hone_go_result *started);
    /* Run one go and wait for its end. After anything but HONE_GO_DONE the process is dead. */
    int (*process_go)(void *process, const struct hone_go *go, struct hone_go_result *result);
    void (*process_stop)(void *process); /* kills; NULL is allowed */

    /* [setup] Feature `index` of a device, -ENOENT past the last; of device 0 where there is none,
     * why there is none. Optional: an older backend's `size` ends before it, and it may be NULL. */
    int (*features)(void *self, uint32_t device, uint32_t index, struct hone_feature *feature);

    /* [any] What of an image people and detectors can read, in place: its PTX. -EINVAL when it is
     * no image. Optional, as above. */
    int (*listing)(void *self, const void *image, uint64_t image_bytes, const char **text,
                   uint64_t *text_bytes);

    /* [device] A go whose times do not count: what ran in it, one row for each step of the last
     * call's plan. Optional, as features(). */
    int (*profile)(void *process, const struct hone_go *go, struct hone_profile *profile,
                   struct hone_go_result *result);

    /* [any] What is to run after a job that came to this output: 1 with *job changed to it, with
     * the same state; it gets a jail of its own, and nothing of the first but what the backend
     * hands it. 0: nothing more, compile_end() is next, with the same output. Negative errno: a
     * fault of ours, and the job is still to be dropped. Optional, as features(). */
    int (*compile_next)(void *self, struct hone_compile_job *job,
                        const struct hone_compile_output *output, struct hone_error *error);
    /* [device] Both or neither; optional, as features(). From here to the next preparation, a
     * region in which a material lies is filled by its materials before every go, on the device, in
     * place of what the host's memory holds, whatever its calls touch, and is not brought back.
     * -EINVAL: one that lies in no region of the process, or not wholly. */
    int (*process_prepare)(void *process, const struct hone_material *materials, uint32_t count);
    /* After a go. `result` says how it went, as of a go. */
    int (*process_look)(void *process, struct hone_look *looks, uint32_t count,
                        struct hone_go_result *result);
};

#endif
