/* protocol.h - what the supervisor, the guest and a candidate's process say to each other.
 *
 * Three parties. The supervisor speaks with the guest over a SOCK_SEQPACKET socket: setup, then
 * start, forked, ended. A process that the guest forks for a candidate uses that socket until it
 * has loaded the image, to say why it cannot and to hand over its seccomp listener; then it closes
 * every descriptor. From there on its one word is the done call: a system call that stops it under
 * user notification until the supervisor answers with the next go, packed into the call's result.
 * The supervisor believes a candidate's process nothing but that it is stopped.
 *
 * Where the kernel has no such notification, go and done pass through two pipes in packet mode
 * instead, and nothing is filtered: that is for trusted candidates only.
 *
 * Low addresses of a candidate's process; host regions lie elsewhere:
 *
 *   0x00400000  the candidate's image, its entry table first
 *   0x5ffbe000  what a CUDA image reports, and what it is told (hardware/device/cpu/control.h)
 *   0x5ffc0000  words of the calls, read-only
 *   0x60000000  the guest itself, within reach of a 32-bit call
 */
#ifndef HONE_CPU_GUEST_PROTOCOL_H
#define HONE_CPU_GUEST_PROTOCOL_H

#include "hardware/device/cpu/control.h"

#include <stdint.h>

#define HONE_WINDOW_START 0x400000ull
#define HONE_WINDOW_END HONE_REPORT_ADDRESS
#define HONE_WORDS_ADDRESS 0x5ffc0000ull
#define HONE_WORDS_BYTES 0x40000ull /* 32768 words: the longest plan's */
#define HONE_SLOT_BYTES (HONE_CONTROL_BYTES + HONE_WORDS_BYTES) /* of a process, side by side */
#define HONE_GUEST_START 0x60000000ull
#define HONE_GUEST_END 0x80000000ull

#define HONE_ENTRIES_MAGIC 0x7972746e656e6f68ull /* "honentry" */
#define HONE_BLOCKS_MAGIC 0x736b636f6c626e68ull  /* "hnblocks": the same of a CUDA image */
#define HONE_LIBRARY_MAGIC 0x7262696c656e6f68ull /* "honelibr": it calls a library */
#define HONE_ENTRIES_MAX 64

/* A CUDA image's shared memory is its thread-local segment, without bytes in the file: this much,
 * and above it a page for the guest's own thread-local variables, which lie next to the thread
 * pointer in both. */
#define HONE_SHARED_BYTES 0x39000ull
#define HONE_SHARED_SPARE 0x1000ull
/* The program header of the checking build, an image within the image. */
#define HONE_CHECKING_SEGMENT 0x686f6e65u

#define HONE_GUEST_SOCKET 3 /* the guest's, to the supervisor */
#define HONE_CHILD_GO 3     /* with pipes, in a candidate's process: where goes come from */
#define HONE_CHILD_DONE 4   /* and where answers go to */
#define HONE_GUEST_VERSION 5
#define HONE_GUEST_REGIONS_MAX 128
#define HONE_GUEST_PROCESSES_MAX 8
#define HONE_GUEST_TEXT_SIZE 112
#define HONE_FILTER_MAX 64

/* The done call is getppid() with this in its first argument: a number of its own would be refused
 * by the filters that containers put above ours, before ours is asked. Then come kind, code,
 * address and detail. */
#define HONE_DONE_MAGIC 0x656e6f64656e6f68ull /* "honedone" */
/* In the sixth argument of the two calls by which a process gives up its descriptors once it is
 * filtered. Without descriptors they can do nothing; with the mark only the curious find that out.
 */
#define HONE_PARTING_MAGIC 0x67747261706e6f68ull /* "honpartg" */

/* What a guest is to be. The first four and the last are asked for and must be had; the others are
 * tried. */
enum hone_guest_feature {
    HONE_FEATURE_SEPARATE = 1u << 0, /* mount, pid, net, ipc and uts namespaces, an empty root */
    HONE_FEATURE_USER = 1u << 1,     /* made in a user namespace: needs no privilege */
    HONE_FEATURE_UID = 1u << 2,      /* another user than the supervisor */
    HONE_FEATURE_FILTER = 1u << 3,   /* candidates run behind the filter */
    HONE_FEATURE_NO_TSC = 1u << 4,   /* reading the time-stamp counter is a fault */
    HONE_FEATURE_NO_VDSO = 1u << 5,  /* the kernel's pages with the time are unmapped */
    HONE_FEATURE_LIBRARY = 1u << 6,  /* hone-library: what calls its library, and operators */
};

/* One BPF instruction, as the kernel has it. */
struct hone_guest_instruction {
    uint16_t code;
    uint8_t jump_true, jump_false;
    uint32_t operand;
};

/* Supervisor to guest, the first message. Sent without the unused tail of `filter`. */
struct hone_guest_setup {
    uint32_t version;
    uint32_t features; /* enum hone_guest_feature */
    uint32_t uid;      /* and group */
    uint32_t filter_count;
    struct hone_guest_instruction filter[HONE_FILTER_MAX];
};

/* Descriptors that come with a start message, in this order; those of regions follow. The pipes
 * only where nothing is filtered. */
enum hone_guest_fd { HONE_FD_IMAGE, HONE_FD_WORDS, HONE_FD_REPORT, HONE_FD_GO, HONE_FD_DONE };
#define HONE_GUEST_FDS_MAX (HONE_FD_DONE + 1 + HONE_GUEST_REGIONS_MAX)

struct hone_guest_region {
    uint64_t address;
    uint64_t offset;
    uint64_t bytes;
    uint32_t fd_index;
    uint32_t writable;
};

/* Supervisor to guest. Sent without the unused tail of `regions`. */
struct hone_guest_start {
    uint64_t id;
    uint64_t image_bytes; /* 0: run what the guest itself has to run */
    uint64_t stack_bytes;
    uint64_t memory_limit_bytes; /* of image and stack; 0: none */
    uint64_t words_offset;       /* of the slot: control and words */
    uint64_t report_offset;
    uint32_t region_count;
    uint32_t fd_count;
    uint32_t blocks;   /* a CUDA image: it is told things, and reports */
    uint32_t checking; /* load the checking build, if the image has one */
    uint32_t untimed;  /* pages may come when they are touched */
    uint32_t reserved;
    struct hone_guest_region regions[HONE_GUEST_REGIONS_MAX];
};

enum hone_guest_reply_kind {
    HONE_REPLY_HELLO = 1, /* ready; `status` is HONE_GUEST_VERSION, `feature` what it has */
    HONE_REPLY_BORN,      /* the namespaces are made; with the guest's pidfd, of who made it */
    HONE_REPLY_UNFIT,     /* `feature` cannot be had: `status` is an errno, `text` what failed */
    HONE_REPLY_FORKED,    /* with the process's pidfd */
    HONE_REPLY_FAILED,    /* no process: `status` is an errno */
    HONE_REPLY_LISTENER,  /* loaded and filtered; with the listener */
    HONE_REPLY_REFUSED,   /* the image is not to be loaded: `text`; the process ends */
    HONE_REPLY_BROKEN,    /* loading failed through no fault of the image: `status`, `text` */
    HONE_REPLY_ENDED,     /* `status` is a wait status */
};

/* Guest to supervisor; a listener, a refusal and a breakage come from the process itself. */
struct hone_guest_reply {
    uint64_t id;   /* 0: of the guest */
    uint32_t kind; /* enum hone_guest_reply_kind */
    int32_t status;
    uint32_t feature; /* enum hone_guest_feature */
    uint32_t reserved;
    char text[HONE_GUEST_TEXT_SIZE];
};

/* Supervisor to a candidate's process: through a pipe as it is, through the done call packed. */
struct hone_guest_go {
    uint64_t sequence; /* unpredictable; a done through a pipe must carry it */
    uint32_t entry;
    uint32_t count;
    uint32_t word_count;
    uint32_t reserved;
};

/* Entry, words and count in 8, 16 and 32 bits: never negative, as an error would be. */
static inline int64_t hone_guest_go_pack(const struct hone_guest_go *go) {
    return (int64_t)((uint64_t)(go->entry & 0xff) << 48 |
                     (uint64_t)(go->word_count & 0xffff) << 32 | go->count);
}

static inline struct hone_guest_go hone_guest_go_unpack(int64_t packed) {
    return (struct hone_guest_go){.entry = (uint32_t)(packed >> 48) & 0xff,
                                  .count = (uint32_t)packed,
                                  .word_count = (uint32_t)(packed >> 32) & 0xffff};
}

enum hone_guest_done_kind {
    HONE_DONE_READY = 1, /* loaded, waits for the first go */
    HONE_DONE_CALLED,    /* the calls returned */
    HONE_DONE_FAULT,     /* `code` is the signal */
    HONE_DONE_UNFIT,     /* a go that does not fit the image */
};

/* What a fault was about; a general protection fault has no address. */
enum hone_guest_fault_detail {
    HONE_FAULT_READ,
    HONE_FAULT_WRITE,
    HONE_FAULT_GENERAL, /* a privileged instruction, an impossible or a misaligned address */
    HONE_FAULT_COUNTER, /* the time-stamp counter or another clock of the processor */
    HONE_FAULT_STACK,   /* below the stack's last page */
};

/* A candidate's process to the supervisor; it may be lying. */
struct hone_guest_done {
    uint64_t sequence;
    uint32_t kind; /* enum hone_guest_done_kind */
    int32_t code;
    uint64_t address;
    uint32_t detail; /* enum hone_guest_fault_detail */
    uint32_t reserved;
};

_Static_assert(sizeof(struct hone_guest_instruction) == 8, "layout of a struct sock_filter");
_Static_assert(sizeof(struct hone_guest_region) == 32, "layout");
_Static_assert(sizeof(struct hone_guest_reply) == 24 + HONE_GUEST_TEXT_SIZE, "layout");
_Static_assert(sizeof(struct hone_guest_go) == 24, "layout");
_Static_assert(sizeof(struct hone_guest_done) == 32, "layout");
_Static_assert(HONE_REPORT_ADDRESS + HONE_REPORT_BYTES == HONE_CONTROL_ADDRESS &&
                   HONE_CONTROL_ADDRESS + HONE_CONTROL_BYTES == HONE_WORDS_ADDRESS,
               "side by side");
_Static_assert(HONE_ENTRIES_MAX <= 0x100 && HONE_WORDS_BYTES / 8 <= 0xffff, "a go packs");

#endif
