/* protocol.h - what the supervisor, the guest and a candidate's process say to each other.
 *
 * Three parties. The supervisor speaks with the guest over a SOCK_SEQPACKET socket (start, forked,
 * ended) and with each candidate's process over two pipes in packet mode (ready, go, done), so that
 * a candidate's process has nothing of the guest's in its hands. Pipes, because a round trip on one
 * core takes 5 us there and 8 us over sockets. One message, one packet, of exactly the struct's
 * size. The supervisor believes a candidate's process nothing but that it spoke.
 *
 * Low addresses of a candidate's process; host regions lie elsewhere:
 *
 *   0x00400000  the candidate's image, its entry table first
 *   0x5fff0000  words of the calls, read-only
 *   0x60000000  the guest itself, within reach of a 32-bit call
 */
#ifndef HONE_CPU_GUEST_PROTOCOL_H
#define HONE_CPU_GUEST_PROTOCOL_H

#include <stdint.h>

#define HONE_WINDOW_START 0x400000ull
#define HONE_WINDOW_END 0x5fff0000ull
#define HONE_WORDS_ADDRESS 0x5fff0000ull
#define HONE_WORDS_BYTES 0x10000ull
#define HONE_GUEST_START 0x60000000ull
#define HONE_GUEST_END 0x80000000ull

#define HONE_ENTRIES_MAGIC 0x7972746e656e6f68ull /* "honentry" */
#define HONE_ENTRIES_MAX 64

#define HONE_GUEST_SOCKET 3 /* the guest's, to the supervisor */
#define HONE_CHILD_GO 3     /* in a candidate's process instead: where goes come from */
#define HONE_CHILD_DONE 4   /* and where answers go to */
#define HONE_GUEST_VERSION 1
#define HONE_GUEST_REGIONS_MAX 128
#define HONE_GUEST_PROCESSES_MAX 8
#define HONE_GUEST_TEXT_SIZE 112

/* Descriptors that come with a start message, in this order; those of regions follow. */
enum hone_guest_fd { HONE_FD_IMAGE, HONE_FD_GO, HONE_FD_DONE, HONE_FD_WORDS, HONE_FD_REGIONS };
#define HONE_GUEST_FDS_MAX (HONE_FD_REGIONS + HONE_GUEST_REGIONS_MAX)

struct hone_guest_region {
    uint64_t address;
    uint64_t offset;
    uint64_t bytes;
    uint32_t fd_index; /* from HONE_FD_REGIONS */
    uint32_t writable;
};

/* Supervisor to guest. Sent without the unused tail of `regions`. */
struct hone_guest_start {
    uint64_t id;
    uint64_t image_bytes;
    uint64_t stack_bytes;
    uint64_t memory_limit_bytes; /* of image and stack; 0: none */
    uint64_t words_offset;
    uint32_t region_count;
    uint32_t fd_count;
    struct hone_guest_region regions[HONE_GUEST_REGIONS_MAX];
};

enum hone_guest_reply_kind {
    HONE_REPLY_FORKED = 1, /* with the process's pidfd */
    HONE_REPLY_FAILED,     /* `status` is an errno */
    HONE_REPLY_ENDED,      /* `status` is a wait status */
    HONE_REPLY_HELLO,      /* the first, of id 0; `status` is HONE_GUEST_VERSION */
};

/* Guest to supervisor. */
struct hone_guest_reply {
    uint64_t id;
    uint32_t kind; /* enum hone_guest_reply_kind */
    int32_t status;
};

/* Supervisor to a candidate's process. */
struct hone_guest_go {
    uint64_t sequence; /* unpredictable; the done must carry it */
    uint32_t entry;
    uint32_t count;
    uint32_t word_count;
    uint32_t reserved;
};

enum hone_guest_done_kind {
    HONE_DONE_READY = 1, /* loaded, waits for the first go */
    HONE_DONE_REFUSED,   /* the image is not to be loaded: `text` */
    HONE_DONE_FAILED,    /* loading failed through no fault of the image: `code`, `text` */
    HONE_DONE_CALLED,    /* the calls returned */
    HONE_DONE_FAULT,     /* `code` is the signal */
};

/* A candidate's process to the supervisor; it may be lying. */
struct hone_guest_done {
    uint64_t sequence;
    uint32_t kind; /* enum hone_guest_done_kind */
    int32_t code;
    uint64_t address;
    uint32_t write_fault;
    uint32_t reserved;
    char text[HONE_GUEST_TEXT_SIZE];
};

_Static_assert(sizeof(struct hone_guest_region) == 32, "layout");
_Static_assert(sizeof(struct hone_guest_reply) == 16, "layout");
_Static_assert(sizeof(struct hone_guest_go) == 24, "layout");
_Static_assert(sizeof(struct hone_guest_done) == 32 + HONE_GUEST_TEXT_SIZE, "layout");

#endif
