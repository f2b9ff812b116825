/* cpu.h - the parts of the cpu backend, for each other.
 *
 * cpu.c is the plugin; toolchain.c knows the compiler, manifest.c which files it needs, driver.c
 * what it would run; compile.c describes a job for the jail and diagnose.c reads what came of it.
 * runner.c owns a guest, which spawn.c starts, and process.c the candidates in it, which order.c
 * asks for; listener.c and pipes.c are the two ways of go and done, with the filter of filter.c and
 * without. level.c finds out what this machine allows of all that, and library.c which library
 * baselines may call: they run in a guest of their own, hone-library, as the operators of plans do.
 */
#ifndef HONE_CPU_CPU_H
#define HONE_CPU_CPU_H

#include "hardware/cpu/guest/protocol.h"
#include "hardware/cpu/words.h"
#include "plugins/hardware.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HONE_CPU_PATH_SIZE 512
#define HONE_CPU_TEXT_SIZE sizeof(((struct hone_go_result *)0)->text)

#define HONE_CPU_NOTES_MAX 6

struct cpu_note {
    bool there;
    const char *name;
    char text[160];
};

/* What guests are: found once, at create(), by making one. */
struct cpu_level {
    char letter;       /* 'A' to 'F', as in struct hone_device */
    uint32_t features; /* that every guest must have; enum hone_guest_feature */
    uint32_t note_count;
    struct cpu_note notes[HONE_CPU_NOTES_MAX];
};

/* What a job's state begins with. */
enum cpu_job { CPU_JOB_C = 1, CPU_JOB_CUDA };

/* Those that are not timed are soon compiled; not there without g++. */
enum cpu_build {
    CPU_FIBERS,
    CPU_LOOP,
    CPU_CHECKING,
    CPU_FIBERS_UNTIMED,
    CPU_LOOP_UNTIMED,
    CPU_BUILDS
};

/* What CUDA sources are compiled with, found once, at create(). */
struct cpu_cuda {
    bool there;
    struct words commands[CPU_BUILDS]; /* from hone.cc to hone.o */
    struct words preludes[CPU_BUILDS]; /* from BUILD.h to BUILD.h.gch */
    struct words readings[CPU_BUILDS]; /* clang's further words, to begin with BUILD.h.gch */
    struct words paths;                /* everything a compile needs to see */
    char *script;                      /* cuda.ld */
    char *runtime[2];                  /* blocks.o, checks.o */
    uint64_t script_bytes, runtime_bytes[2];
    char libgcc[HONE_CPU_PATH_SIZE];
    char toolchain[256], untimed_toolchain[272];
};

/* OpenBLAS, for baselines: found once, at create(). */
struct cpu_library {
    bool there;
    char text[128];                /* version and core type; or why it is not there */
    char path[HONE_CPU_PATH_SIZE]; /* of the file */
    char core[32];                 /* the fastest here: OPENBLAS_CORETYPE */
    char *stubs, *header;          /* library.ld and cblas.h */
    uint64_t stubs_bytes, header_bytes;
    char toolchain[160]; /* what an image depends on */
};

/* Found once, at create(). */
struct cpu {
    struct hone_host host;
    struct cpu_level level;
    struct cpu_library openblas;
    struct hone_guest_instruction filter[HONE_FILTER_MAX];
    uint32_t filter_count;
    atomic_uint runners; /* opened so far: each has a uid of its own */
    char compiler[HONE_CPU_PATH_SIZE];
    char library[HONE_CPU_PATH_SIZE]; /* the folder of hone-guest, hone.ld and stubs.ld */
    char *linker_script, *stubs;
    uint64_t linker_script_bytes, stubs_bytes;
    char compiler_version[32];
    char toolchain[200];
    char compiler_identity[120]; /* with the headers it finds */
    char cc1[HONE_CPU_PATH_SIZE], as[HONE_CPU_PATH_SIZE], ld[HONE_CPU_PATH_SIZE];
    struct words paths;    /* everything a compile needs to see */
    uint64_t files_hash;   /* of their sizes and dates */
    struct words direct;   /* cc1, as and ld, as the driver would run them; empty: let it */
    size_t direct_choices; /* where the agent's options go */
    struct cpu_cuda cuda;
    char guest_hash[17];
    char name[96];
    double clock_hz;
    int measuring_cpu;
};

/* Write the text if there is a place for it; returns `code`. */
int hone_cpu_fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The whole file with a NUL behind it, malloc()ed; NULL with errno set. */
char *hone_cpu_read_file(const char *path, uint64_t *bytes);

/* A program and the libraries that it loads. */
void hone_cpu_paths_add(struct words *paths, const char *program);
/* `hash` with what a stat() says of path/below. */
uint64_t hone_cpu_hash_path(const char *path, const char *below, uint64_t hash);

/* Find what the jail must show: `verbose` is what the compiler says with -v. */
int hone_cpu_find_files(struct cpu *cpu, const char *verbose, struct hone_error *error);

/* Ask the driver what it would run for these arguments, -### and an empty /dev/null among them, and
 * keep it in cpu->direct with `input` instead: two processes less, an eighth of a compile. Left
 * empty when the answer is not understood. */
void hone_cpu_ask_driver(struct cpu *cpu, char *const *arguments, const char *input);
void hone_cpu_find_commands(struct cpu *cpu);
/* The `count` commands that a driver said with -### it would run; false: that is not what it said.
 * The words are the caller's to finish in any case. */
bool hone_cpu_read_commands(const char *text, struct words *commands, int count);

/* Whether including <immintrin.h> before everything else is what the source does anyway. */
bool hone_cpu_begins_with_vectors(const char *source);

/* Fill what the struct holds of compiler, guest and linker scripts. */
int hone_cpu_find_toolchain(struct cpu *cpu, const char *compiler, struct hone_error *error);
void hone_cpu_forget_toolchain(struct cpu *cpu);

/* The same for CUDA sources; without a C++ compiler there is none. */
void hone_cpu_cuda_find(struct cpu *cpu);
void hone_cpu_cuda_forget(struct cpu *cpu);
/* The name of what a build includes first, and of that precompiled. */
extern const char *const hone_cpu_preludes[CPU_BUILDS][2];
extern const char *const hone_cpu_prelude_texts[CPU_BUILDS];
int hone_cpu_cuda_begin(const struct cpu *cpu, const struct hone_compile_request *request,
                        struct hone_compile_job *job, struct hone_error *error);
void hone_cpu_cuda_end(struct hone_compile_job *job, const struct hone_compile_output *output,
                       struct hone_compile_result *result);
void hone_cpu_cuda_drop(struct hone_compile_job *job);
/* Find the OpenBLAS called `name`, a file or what the dynamic loader looks for, and the core type
 * that makes it fastest here: timed once for a processor and a file, then remembered in the user's
 * cache folder. Never fails: it may not be there. "none": do not look. */
void hone_cpu_library_find(struct cpu *cpu, const char *name);
void hone_cpu_library_forget(struct cpu *cpu);

const char *const *hone_cpu_options(void *self, const char *language);
int hone_cpu_compile_begin(void *self, const struct hone_compile_request *request,
                           struct hone_compile_job *job, struct hone_error *error);
int hone_cpu_compile_end(void *self, struct hone_compile_job *job,
                         const struct hone_compile_output *output,
                         struct hone_compile_result *result);
void hone_cpu_compile_drop(void *self, struct hone_compile_job *job);

/* What a compiler's output means. `prelude` names the functions that the harness calls. */
void hone_cpu_diagnose(const struct hone_compile_output *output, const char *prelude,
                       struct hone_compile_result *result);

/* Build the filter of candidates; NULL, or why it cannot be. */
const char *hone_cpu_filter_build(struct cpu *cpu);
/* "openat (the arguments hold all the data there is)": what was called, and what to do instead. */
void hone_cpu_filter_name(int call, char text[HONE_CPU_TEXT_SIZE]);

/* Find the strongest level up to `most` that works here. Never fails: there is always F. */
void hone_cpu_level_find(struct cpu *cpu, char most);

struct process;

/* A guest, seen from the supervisor. One thread. */
struct runner {
    struct cpu *cpu;
    uint32_t features; /* what it has; enum hone_guest_feature */
    pid_t guest;
    int guest_pidfd;
    int socket;
    bool lost;    /* the guest is dead or has spoken nonsense; nothing more is asked of it */
    int words_fd; /* read-only, as it goes to the guest */
    char *slots;  /* HONE_SLOT_BYTES for each: control and words, ours to write */
    int reports_fd;
    char *reports; /* HONE_REPORT_BYTES for each slot, theirs to write */
    uint64_t next_id;
    uint64_t nonce;         /* state of the generator of sequence numbers */
    struct runner *library; /* the guest of what calls a library, once there was any; else NULL */
    struct process *processes[HONE_GUEST_PROCESSES_MAX];
};

/* A candidate's process, seen from the supervisor. */
struct process {
    struct runner *runner;
    uint64_t id;
    uint32_t slot;
    int listener;         /* with the filter: its notifications; -1 until it is loaded */
    uint64_t parked;      /* the notification that stops it */
    uint64_t done_caller; /* the only address that may make the done call */
    bool wakes_here;      /* the kernel wakes it on our core */
    int go;               /* without: pipes; written here */
    int go_reader;        /* kept, so that writing to a dead process raises no SIGPIPE */
    int done;             /* read here, without blocking */
    int pidfd;            /* -1 until the guest has answered */
    clockid_t clock;
    bool has_clock;
    bool blocks;                  /* of a CUDA image: it has orders and reports */
    bool answered;                /* the guest said forked, or failed */
    bool ended;                   /* the guest has reaped it; `status` is valid */
    uint64_t words_bytes;         /* of its slot, that were written */
    int status;                   /* a wait status; an errno when the fork failed */
    struct hone_guest_reply said; /* refused or broken, if `kind` is set */
};

int hone_cpu_runner_open(void *self, uint32_t device, void **runner, struct hone_error *error);
void hone_cpu_runner_close(void *runner);
/* The same with these features and no others; those it cannot have in `*unfit`. */
int hone_cpu_runner_open_with(struct cpu *cpu, uint32_t features, struct runner **runner,
                              uint32_t *unfit, struct hone_error *error);

/* The runner whose guest has the operators, and the library where there is one; started when first
 * asked for. -ENOTSUP: it is to have `openblas`, and has not. */
int hone_cpu_runner_library(struct runner *runner, bool openblas, struct runner **library,
                            struct hone_error *error);

/* Take one message of the guest and note it where it belongs. 0, -ETIMEDOUT, or -EIO: lost. */
int hone_cpu_runner_listen(struct runner *runner, uint64_t deadline_ns);
uint64_t hone_cpu_runner_nonce(struct runner *runner);

/* Receive one reply, with its descriptor or -1. 0, -EAGAIN, or -EPROTO. */
int hone_cpu_reply_receive(int socket, struct hone_guest_reply *reply, int *fd);
/* Start the guest of `runner` and wait until it is what `features` say. */
int hone_cpu_guest_start(struct runner *runner, uint32_t features, uint32_t *unfit,
                         struct hone_error *error);
/* The kernel says whom a pidfd means in our pid namespace; -1: nobody. */
pid_t hone_cpu_pidfd_pid(int pidfd);

/* Ask the guest for a process: image, pipes, words and regions. 0, or a negative errno, with a text
 * where a person must understand. */
int hone_cpu_process_order(struct process *process, const struct hone_process_request *request,
                           char text[HONE_CPU_TEXT_SIZE]);

int hone_cpu_process_start(void *runner, const struct hone_process_request *request, void **process,
                           struct hone_go_result *started);
int hone_cpu_process_go(void *process, const struct hone_go *go, struct hone_go_result *result);
void hone_cpu_process_stop(void *process);

/* What the two have to do with a CUDA image (blocks.c): the host's order, what it reports. */
struct hone_control *hone_cpu_control(const struct process *process);
void hone_cpu_control_begin(struct process *process, const struct hone_process_request *request,
                            uint64_t stack_bytes);
/* Whether the process, which has died of an illegal instruction, says why. */
bool hone_cpu_read_report(const struct process *process, struct hone_go_result *result);

/* What a process let be heard of it. */
enum heard {
    HEARD_DONE,
    HEARD_CALL,    /* it made system call `call` */
    HEARD_FORGERY, /* it made a done that the guest did not make */
    HEARD_END,     /* it is dead, or will say nothing more */
    HEARD_NOTHING, /* by the deadline */
};

struct hearing {
    enum heard heard;
    int call;
    uint64_t when_ns; /* the clock at that moment */
    struct hone_guest_done done;
};

/* Let the parked process go; false: it is dead. Then wait for what it says; from the first two on
 * the process is stopped. */
bool hone_cpu_listener_go(struct process *process, const struct hone_guest_go *go);
void hone_cpu_listener_hear(struct process *process, uint64_t deadline_ns, uint64_t now_ns,
                            struct hearing *hearing);
/* The first words of a process: from where it makes its done calls. */
void hone_cpu_listener_meet(struct process *process, uint64_t deadline_ns, struct hearing *hearing);

bool hone_cpu_pipes_go(struct process *process, const struct hone_guest_go *go);
void hone_cpu_pipes_hear(struct process *process, uint64_t deadline_ns, uint64_t now_ns,
                         struct hearing *hearing);

uint64_t hone_cpu_now_ns(void);

#endif
