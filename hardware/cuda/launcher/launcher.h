/* launcher.h - the parts of the launcher, for each other.
 *
 * launcher.c serves requests; device.c makes the context and knows what the device is; memory.c
 * gives regions their place on it; material.c fills them there, and looks at what is in them, by
 * the kernels of material.cu; program.c loads a cubin and makes graphs of plans; call.c runs
 * them, against every clock there is; profile.c asks what ran, by tracer.h. One thread, one
 * context.
 *
 * Nothing of the host is ever registered with the driver: with one address space for both, a kernel
 * could write to it, and the driver's events are not far.
 */
#ifndef HONE_CUDA_LAUNCHER_LAUNCHER_H
#define HONE_CUDA_LAUNCHER_LAUNCHER_H

#include "hardware/cuda/launcher/driver.h"
#include "hardware/cuda/launcher/protocol.h"
#include "hardware/cuda/launcher/tracer.h"

#include <stdbool.h>

#define HONE_LAUNCHER_LENGTHS 13 /* plans of up to 4096 steps, by powers of two */
#define HONE_LAUNCHER_STEPS_MAX 4096u

/* A region's place on the device: its end lies at the end of what is mapped, and what is beyond is
 * not, where the driver can do that; elsewhere bands of a known byte lie on both sides. */
struct buffer {
    struct hone_launcher_region region;
    void *host;      /* the whole region, mapped */
    uint64_t upload; /* where copies go */
    uint64_t kernel; /* the same memory as kernels see it */
    uint64_t base;   /* of what the driver gave; its size: */
    uint64_t bytes;
    uint64_t alias; /* base of the second view; 0: none */
    uint64_t handle;
    uint64_t before, after; /* bytes of the bands */
    bool is_virtual;
    bool made;        /* filled by materials, and not copied either way */
    bool unprotected; /* an input that kernels could write: compared after every call */
    uint8_t band;     /* what the bands are filled with */
};

struct graph {
    uint64_t *words; /* what it was made from; NULL: none */
    uint32_t word_count, steps;
    void *graph, *instance;
    uint64_t used;                           /* when, for who has to go */
    bool touches[HONE_LAUNCHER_REGIONS_MAX]; /* the regions that its arguments point into */
};
#define HONE_LAUNCHER_GRAPHS_MAX 64
#define HONE_LAUNCHER_COUNTERS_MAX 32u

struct program {
    void *module;
    struct hone_launcher_entry *entries;
    void *functions[HONE_LAUNCHER_ENTRIES_MAX];
    uint32_t shared_most[HONE_LAUNCHER_ENTRIES_MAX]; /* asked for so far: it is only raised */
    uint32_t entry_count;
    struct buffer buffers[HONE_LAUNCHER_REGIONS_MAX];
    uint32_t buffer_count;
    struct hone_material materials[HONE_LAUNCHER_MATERIALS_MAX]; /* where the device has them */
    uint32_t owners[HONE_LAUNCHER_MATERIALS_MAX];                /* their buffers */
    uint32_t material_count;
    struct graph graphs[HONE_LAUNCHER_GRAPHS_MAX];
    uint64_t calls;
};

enum launcher_event { EVENT_SWEEP, EVENT_BEGIN, EVENT_END, EVENTS };

/* What clocks differ by for a plan of empty kernels. */
struct overhead {
    bool known;
    uint64_t host_ns;  /* the host's over events: 95th percentile */
    uint64_t trace_ns; /* events over records: the most that was seen */
};

struct launcher {
    struct cuda_driver driver;
    struct tracer *tracer; /* NULL: no CUPTI; `tracer_text` says why */
    char tracer_text[128];
    uint8_t *mail;
    struct hone_launcher_device device;
    int ordinal;
    void *context, *stream, *events[EVENTS];
    void *kernels; /* our own module */
    void *nothing, *canary, *sweep;
    void *fill, *look, *gather, *sum; /* material.cu's */
    uint64_t notes, notes_bytes;      /* what these are told and say, on the device */
    uint64_t sweep_memory, sweep_bytes;
    struct overhead overheads[HONE_LAUNCHER_LENGTHS];
    uint8_t *scratch;       /* host memory for comparisons */
    struct trace_row *rows; /* HONE_LAUNCHER_ROWS_MAX, of one call */
    struct program program;
    struct buffer spares[HONE_LAUNCHER_REGIONS_MAX]; /* of the program before, for the next one */
    uint32_t spare_count;
};

uint64_t launcher_now_ns(void);

/* A driver's error into the reply: `status`, what was done, and what the driver says. Returns
 * -1. */
int launcher_fail(const struct launcher *launcher, struct hone_launcher_reply *reply,
                  uint32_t status, int result, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* device.c. 0, or -1 with the reply filled. */
int launcher_probe(struct launcher *launcher, struct hone_launcher_reply *reply);
int launcher_open(struct launcher *launcher, uint32_t device, struct hone_launcher_reply *reply);
int launcher_ceilings(struct launcher *launcher, struct hone_launcher_reply *reply);

/* memory.c. Fill `buffer` from its region, whose bytes lie in `fd`. */
int buffer_open(struct launcher *launcher, struct buffer *buffer, int fd,
                struct hone_launcher_reply *reply);
/* Its memory is kept for the next program, which finds nothing in it. */
void buffer_close(struct launcher *launcher, struct buffer *buffer);
void buffer_drop_spares(struct launcher *launcher);
int buffer_upload(struct launcher *launcher, struct buffer *buffer,
                  struct hone_launcher_reply *reply);
/* Outputs into the host's memory; inputs and bands compared with what they were. */
int buffer_download(struct launcher *launcher, struct buffer *buffer,
                    struct hone_launcher_reply *reply);
#define HONE_LAUNCHER_SCRATCH (1u << 20)
/* A region into the host's memory. */
int buffer_fetch(struct launcher *launcher, struct buffer *buffer,
                 struct hone_launcher_reply *reply);
/* A write where none is allowed, told as the fault that it should have been. Returns -1. */
int launcher_report_write(struct hone_launcher_reply *reply, uint64_t address);

/* material.c. What the next calls shall be given; none: the bytes of the host. */
int launcher_take_materials(struct launcher *launcher, const struct hone_material *materials,
                            uint32_t count, struct hone_launcher_reply *reply);
/* Fill with them, whether the calls touch it or not, or what an earlier call wrote would be looked
 * at; and see that no kernel wrote where none may. */
int launcher_make(struct launcher *launcher, struct hone_launcher_reply *reply);
int launcher_inspect(struct launcher *launcher, struct hone_launcher_reply *reply);
int launcher_look(struct launcher *launcher, const struct hone_launcher_request *request,
                  struct hone_launcher_reply *reply);

/* program.c */
int program_start(struct launcher *launcher, const struct hone_launcher_request *request,
                  const int *fds, struct hone_launcher_reply *reply);
void program_stop(struct launcher *launcher);
/* The graph of one call's words; made when they are new. */
struct graph *program_graph(struct launcher *launcher, const uint64_t *words, uint32_t count,
                            struct hone_launcher_reply *reply);

/* call.c */
int launcher_go(struct launcher *launcher, const struct hone_launcher_request *request,
                struct hone_launcher_reply *reply);
/* Whether the words of a go or profile are there; and its materials taken out of the mail. */
int launcher_read_go(struct launcher *launcher, const struct hone_launcher_request *request,
                     struct hone_launcher_reply *reply);
/* Inputs to the device; outputs back, and a look at what must not have changed. */
int launcher_upload(struct launcher *launcher, const struct graph *graph,
                    struct hone_launcher_reply *reply);
int launcher_download(struct launcher *launcher, const struct graph *graph,
                      struct hone_launcher_reply *reply);
/* One run of a graph with CUPTI on; `count` of launcher->rows are the plan's. */
int launcher_run_traced(struct launcher *launcher, const struct graph *graph, uint64_t limit_ns,
                        uint32_t *count, struct hone_launcher_times *times,
                        struct hone_launcher_reply *reply);
/* One run of a graph, and nothing else on the device. */
int launcher_run_bare(struct launcher *launcher, void *instance, uint64_t limit_ns,
                      struct hone_launcher_reply *reply);
/* profile.c: the last call of a go, with records, and counters if a set is named. */
int launcher_profile(struct launcher *launcher, const struct hone_launcher_request *request,
                     struct hone_launcher_reply *reply);
/* One run of a graph between events, swept before. `limit_ns` from its begin. */
int launcher_run(struct launcher *launcher, void *instance, uint64_t limit_ns,
                 struct hone_launcher_times *times, struct hone_launcher_reply *reply);

#endif
