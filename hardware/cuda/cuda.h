/* cuda.h - the parts of the cuda backend, for each other.
 *
 * cuda.c is the plugin; devices.c knows what devices there are, and what they reach. worker.c owns
 * a launcher, the process in which the driver lives; runner.c lends launchers to the processes of
 * process.c, one measurement at a time on a device (lock.c); material.c has them fill their memory,
 * and asks what is in it. agreement.c compares the clocks.
 */
#ifndef HONE_CUDA_CUDA_H
#define HONE_CUDA_CUDA_H

#include "hardware/cuda/agreement.h"
#include "hardware/cuda/launcher/protocol.h"
#include "hardware/cuda/toolkit.h"
#include "plugins/hardware.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#define HONE_CUDA_PATH_SIZE 512
#define HONE_CUDA_WORKERS_MAX 4u /* of one runner: a candidate's and a baseline's, and to spare */
#define HONE_CUDA_JUDGED_MAX 16u /* programs whose clocks a runner remembers */
#define HONE_CUDA_TEXT_SIZE sizeof(((struct hone_go_result *)0)->text)

struct cuda_device {
    struct hone_launcher_device facts;
    bool measured; /* its ceilings are known, or cannot be had */
    bool suspect;  /* something died on it: whoever opens it next has several tries */
    char
        quarantine[HONE_CUDA_TEXT_SIZE]; /* why the last try to open it failed; empty: it did not */
    char records[128];                   /* why there are no records of kernels; empty: there are */
    bool libraries_known;
    struct hone_launcher_library_state libraries[HONE_LAUNCHER_LIBRARY_COUNT];
    struct worker *spare; /* opened, for the next runner */
};

struct cuda {
    struct hone_host host;
    char launcher[HONE_CUDA_PATH_SIZE];
    char libcuda[HONE_CUDA_PATH_SIZE];
    char libcupti[HONE_CUDA_PATH_SIZE]; /* "": none was found, but the loader may know one */
    char libcublas[HONE_CUDA_PATH_SIZE], libcudnn[HONE_CUDA_PATH_SIZE]; /* "": there is none */
    char operators[HONE_CUDA_PATH_SIZE]; /* our kernels for operators: an image */
    char lock_folder[HONE_CUDA_PATH_SIZE], toolkit_setting[HONE_CUDA_PATH_SIZE];
    char assembler_setting[HONE_CUDA_PATH_SIZE];
    pthread_mutex_t mutex;        /* of what follows */
    struct hone_toolkit *toolkit; /* NULL: not looked for yet, or `toolkit_error` says why */
    char toolkit_error[256];
    bool probed;
    char absent[160]; /* why there are no devices */
    uint32_t device_count;
    struct cuda_device devices[HONE_LAUNCHER_DEVICES_MAX];
};

/* Write the text if there is a place for it; returns `code`. */
int hone_cuda_fail(struct hone_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t hone_cuda_now_ns(void);

/* frozen.c: a toolkit that only names what it once made; NULL: there is none. */
struct hone_toolkit *hone_cuda_frozen_toolkit(const char *library);

/* devices.c: asked for once. */
uint32_t hone_cuda_devices(struct cuda *cuda);
/* Its bandwidth and peaks, by a launcher that stays as its spare one. */
void hone_cuda_measure_device(struct cuda *cuda, uint32_t device);

/* libraries.c: where NVIDIA's are, by the settings; and which can be used on a device, asked once.
 */
void hone_cuda_find_libraries(struct cuda *cuda);
const struct hone_launcher_library_state *hone_cuda_library(struct cuda *cuda, uint32_t device,
                                                            enum hone_launcher_library which);

/* A launcher, seen from the supervisor. One thread. */
struct worker {
    struct cuda *cuda;
    pid_t pid;
    int pidfd, socket;
    uint8_t *mail;
    bool is_busy;    /* lent to a process */
    bool is_tainted; /* a candidate has run in it, and may have left what libraries would stumble on
                      */
};

int hone_cuda_worker_start(struct cuda *cuda, struct worker **worker, struct hone_error *error);
/* With a context on a device that has sung: -EIO when it did not, and the device is quarantined. */
int hone_cuda_worker_open(struct cuda *cuda, uint32_t device, struct worker **worker,
                          struct hone_error *error);
/* 0, -ETIMEDOUT, or -EPIPE when it has died. */
int hone_cuda_worker_ask(struct worker *worker, const struct hone_launcher_request *request,
                         const int *fds, uint32_t fd_count, uint64_t limit_ns,
                         struct hone_launcher_reply *reply);
/* SIGKILL, and its end awaited: -ETIMEDOUT when the driver holds it. */
int hone_cuda_worker_destroy(struct worker *worker);

/* What the clocks of one program have said, in all its processes. */
struct judged {
    uint64_t hash, used;
    struct agreement agreement;
};

struct cuda_runner {
    struct cuda *cuda;
    uint32_t device;
    struct worker *workers[HONE_CUDA_WORKERS_MAX];
    int lock;           /* -1: not held */
    uint32_t processes; /* that are up */
    struct judged judged[HONE_CUDA_JUDGED_MAX];
    uint64_t starts;
};

int hone_cuda_runner_open(void *self, uint32_t device, void **runner, struct hone_error *error);
void hone_cuda_runner_close(void *runner);
/* An idle launcher, or a new one; for trusted programs one that has run nothing else. */
int hone_cuda_runner_lend(struct cuda_runner *runner, bool is_trusted, struct worker **worker,
                          struct hone_error *error);
/* Back: ready for the next, or to be destroyed. */
void hone_cuda_runner_return(struct cuda_runner *runner, struct worker *worker, bool is_well);
struct judged *hone_cuda_runner_judged(struct cuda_runner *runner, const void *program,
                                       uint64_t bytes);

/* lock.c: the descriptor, or a negative errno. Waits for who measures there now. */
int hone_cuda_lock(const struct cuda *cuda, uint32_t device, struct hone_error *error);

/* What a start, a go or a look needs beside its calls. */
#define HONE_CUDA_COPY_LIMIT_NS 30000000000ull

/* A program loaded in a launcher. */
struct process {
    struct cuda_runner *runner;
    struct worker *worker; /* NULL: it is gone, and the process with it */
    struct judged *judged;
    struct hone_material *materials; /* of the goes to come */
    uint32_t material_count;
    struct hone_region *regions; /* where materials may lie */
    uint32_t region_count;
};

/* process.c, and material.c. -EIO with `mine` filled, or 0: then mine->status says how it went, and
 * unless that is "done" the process is gone. */
int hone_cuda_process_ask(struct process *process, const struct hone_launcher_request *request,
                          const int *fds, uint32_t fd_count, uint64_t limit_ns,
                          struct hone_launcher_reply *reply, struct hone_go_result *mine);
void hone_cuda_finish_result(struct hone_go_result *result, const struct hone_go_result *mine);

int hone_cuda_process_start(void *runner, const struct hone_process_request *request,
                            void **process, struct hone_go_result *started);
int hone_cuda_process_go(void *process, const struct hone_go *go, struct hone_go_result *result);
int hone_cuda_process_profile(void *process, const struct hone_go *go, struct hone_profile *profile,
                              struct hone_go_result *result);
int hone_cuda_process_prepare(void *process, const struct hone_material *materials, uint32_t count);
int hone_cuda_process_look(void *process, struct hone_look *looks, uint32_t count,
                           struct hone_go_result *result);
void hone_cuda_process_stop(void *process);

#endif
