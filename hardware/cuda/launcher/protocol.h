/* protocol.h - what the supervisor and a launcher say to each other.
 *
 * One request, one reply, over a SOCK_SEQPACKET socket; what is long lies in the mail, memory that
 * both map. A launcher is a trusted program with one CUDA context and at most one program in it.
 * Its end is the end of the socket, and of everything that runs on the device for it. After a reply
 * with `ruined` set the context cannot be used again: the launcher is to be replaced.
 *
 *   probe           -> what devices there are; makes no context
 *   open            -> a context on one device, and the canary: a program whose result is known
 *   ceilings        -> the device with what its memory and its arithmetic were measured to reach
 *   start           -> regions and a program, loaded: a cubin, or PTX with its NUL
 *   libraries       -> which of NVIDIA's libraries can be used, and whether operators can
 *   start           -> regions and a cubin, loaded
 *   go, profile     -> calls
 *   look            -> what the last call left in memory that materials had filled
 *   stop            -> unloaded, ready for the next start
 */
#ifndef HONE_CUDA_LAUNCHER_PROTOCOL_H
#define HONE_CUDA_LAUNCHER_PROTOCOL_H

#include "hardware/cuda/launcher/look.h"
#include "plugins/hardware.h"
#include "plugins/tensor.h"

#include <stdint.h>

#define HONE_LAUNCHER_VERSION 2
#define HONE_LAUNCHER_SOCKET 3
#define HONE_LAUNCHER_MAIL 4                 /* the mail's descriptor, in the launcher */
#define HONE_LAUNCHER_MAIL_BYTES (64u << 20) /* as much of it is there as was ever used */
#define HONE_LAUNCHER_DEVICES_MAX 16u
#define HONE_LAUNCHER_REGIONS_MAX 128u
#define HONE_LAUNCHER_ENTRIES_MAX 64u
#define HONE_LAUNCHER_MATERIALS_MAX 384u /* a region's data and its guard bands; as many looks */
#define HONE_LAUNCHER_ARGUMENTS_MAX 256u
#define HONE_LAUNCHER_FDS_MAX 8u /* with a start: the image, then the memory of the regions */
#define HONE_LAUNCHER_ROWS_MAX 4096u
#define HONE_LAUNCHER_NAME_SIZE 256u

enum hone_launcher_kind {
    HONE_LAUNCHER_PROBE = 1,
    HONE_LAUNCHER_OPEN,
    HONE_LAUNCHER_CEILINGS,
    HONE_LAUNCHER_START,
    HONE_LAUNCHER_GO,
    HONE_LAUNCHER_PROFILE,
    HONE_LAUNCHER_STOP,
    HONE_LAUNCHER_LOOK,
    HONE_LAUNCHER_LIBRARIES,
};

/* What libraries answers, in this order, in the mail. */
enum hone_launcher_library { HONE_LIBRARY_CUBLAS, HONE_LIBRARY_CUDNN, HONE_LIBRARY_OPERATORS };
#define HONE_LAUNCHER_LIBRARY_COUNT 3

struct hone_launcher_library_state {
    uint32_t there;
    char text[160]; /* its version, or why it is not */
};

struct hone_launcher_request {
    uint32_t kind;                                /* enum hone_launcher_kind */
    uint32_t version;                             /* HONE_LAUNCHER_VERSION */
    uint32_t device;                              /* open */
    uint32_t region_count, entry_count, fd_count; /* start; in the mail: regions, then entries */
    uint64_t image_bytes;
    uint32_t call_count, word_count;  /* go, profile; in the mail: the words, */
    uint32_t material_count;          /* then so many materials */
    uint32_t look_count;              /* look; in the mail: looks, runs, and from back_offset on */
    uint64_t back_offset, look_bytes; /* to the end of it all what is brought back */
    uint64_t limit_ns;                /* of what the calls take on the device */
    uint32_t trace;                   /* go: with records, whatever chance says */
    uint32_t is_trusted;              /* start: a baseline, which may call libraries */
    char counters[32];                /* profile: the name of a set, or "" */
};

/* In the mail, as a plan names it. */
struct hone_launcher_entry {
    char name[HONE_LAUNCHER_NAME_SIZE];
    uint32_t kind; /* enum hone_step_kind: launch or call */
    uint32_t line;
    uint32_t argument_count;
    uint32_t reserved;
    uint8_t kinds[HONE_LAUNCHER_ARGUMENTS_MAX];  /* enum hone_argument_kind */
    uint16_t types[HONE_LAUNCHER_ARGUMENTS_MAX]; /* of memory: type code | bits << 8 */
};
#define HONE_LAUNCHER_F32 (HONE_TYPE_FLOAT | 32u << 8)

struct hone_launcher_region {
    uint64_t address, offset, bytes;
    uint32_t fd_index; /* of the descriptors that came with the request */
    uint32_t writable;
};

enum hone_launcher_status { /* of a reply */
                            HONE_LAUNCHER_DONE = 0,
                            HONE_LAUNCHER_CRASHED,   /* the program failed on the device */
                            HONE_LAUNCHER_TIMED_OUT, /* it still runs */
                            HONE_LAUNCHER_REFUSED,   /* the driver does not take the image */
                            HONE_LAUNCHER_BROKEN,    /* a fault of ours or of the driver */
                            HONE_LAUNCHER_ABSENT,    /* no driver, or no device */
};

/* What a go took, all its calls together. The device counts from before the sweep, as the host
 * does; `kernel_ns` is the plan alone. */
struct hone_launcher_times {
    uint64_t kernel_ns;   /* events around the plan */
    uint64_t operator_ns; /* of these, what steps that are operators took */
    uint64_t device_ns;   /* events around sweep and plan */
    uint64_t host_ns;     /* CLOCK_MONOTONIC around the same */
    uint64_t waited_ns;   /* of that, without a core: the launcher never sleeps meanwhile */
    uint64_t overhead_ns; /* what the host's clock says more, for plans of as many steps: p95 */
    uint64_t traced_ns;   /* CUPTI's last end minus first start, of traced calls */
    uint64_t traced_kernel_ns; /* kernel_ns of those calls */
    uint64_t
        trace_overhead_ns; /* what events count more than records, for plans of as many steps */
    uint32_t traced_calls;
    uint32_t missing_calls; /* of these, calls whose records were not those of the plan */
};

struct hone_launcher_reply {
    uint32_t kind;   /* of the request */
    uint32_t status; /* enum hone_launcher_status */
    int32_t code;    /* CUresult, where one was at fault */
    uint32_t ruined;
    uint32_t count;       /* probe: devices; profile: rows; in the mail */
    uint32_t has_records; /* open: CUPTI is there */
    uint64_t address;     /* crashed: of the fault, in the program's address space; 0: unknown */
    uint32_t write_fault;
    uint32_t counter_count; /* profile: behind the rows */
    struct hone_launcher_times times;
    char text[160];
    char note[128]; /* what lacks, and why: records, counters */
};

/* In the mail after a probe; the last four after ceilings too, NaN until then. */
struct hone_launcher_device {
    char name[96];
    char id[40];        /* the device's UUID, hex */
    char bus[16];       /* PCI address */
    int32_t driver;     /* 13000 is 13.0 */
    int32_t capability; /* 90 is sm_90 */
    int32_t sm_count, warp_size, max_shared_bytes, l2_bytes;
    int32_t clock_khz, memory_clock_khz, memory_bus_bits;
    int32_t has_virtual_memory;
    int32_t shares_memory; /* kernels reach all of the launcher's */
    uint64_t memory_bytes;
    double memory_bandwidth;               /* bytes a second */
    double peak_f32, peak_tf32, peak_bf16; /* operations a second */
};

_Static_assert(sizeof(struct hone_launcher_region) == 32, "layout");
_Static_assert(sizeof(struct hone_launcher_entry) == 1040, "layout");
_Static_assert(HONE_LAUNCHER_MATERIALS_MAX * sizeof(struct hone_launcher_look) +
                       HONE_LOOKS_BYTES_MAX <
                   HONE_LAUNCHER_MAIL_BYTES,
               "looks fit the mail");
_Static_assert(HONE_LAUNCHER_REGIONS_MAX * sizeof(struct hone_launcher_region) +
                       HONE_LAUNCHER_ENTRIES_MAX * sizeof(struct hone_launcher_entry) <
                   HONE_LAUNCHER_MAIL_BYTES,
               "a start fits the mail");

#endif
