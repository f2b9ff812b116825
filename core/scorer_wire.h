/* scorer_wire.h - the flat bytes between the supervisor and a scorer.
 *
 * A request is one packet on a socket, its payload in the exchange, a sealed memfd both map: a page
 * that says what the child is doing, then room for one request, then room for one reply. One
 * request is open at a time, so nothing in the exchange needs a lock. Both ends are the same
 * binary; still the child checks what it is sent before a plugin sees it, and the supervisor copies
 * and checks what comes back, since a plugin that goes wild may have written anywhere in the child.
 */
#ifndef HONE_CORE_SCORER_WIRE_H
#define HONE_CORE_SCORER_WIRE_H

#include "plugins/evidence.h"
#include "plugins/plugin.h"

#include <stdatomic.h>
#include <stdint.h>

enum { HONE_WIRE_SOCKET = 3, HONE_WIRE_SETTINGS = 4, HONE_WIRE_EXCHANGE = 5 }; /* descriptors */

#define HONE_WIRE_MAGIC 0x65726f63536e6f48u
#define HONE_WIRE_STATUS_BYTES 4096u
#define HONE_WIRE_ROOM_BYTES (64u << 20) /* of a request, and of a reply */
#define HONE_WIRE_EXCHANGE_BYTES (HONE_WIRE_STATUS_BYTES + 2u * HONE_WIRE_ROOM_BYTES)
#define HONE_WIRE_FINDINGS_EACH 64u /* of one detector in one request */

enum hone_wire_op {
    HONE_WIRE_TASK_COUNT = 1, /* of task plugin `plugin` */
    HONE_WIRE_TASK_DESCRIBE,  /* its task `index`; reply payload: see hone_wire_file */
    HONE_WIRE_SET,            /* payload: struct hone_workload; with a descriptor */
    HONE_WIRE_SOURCE,         /* payload: hone_wire_candidate and its parts: the text */
    HONE_WIRE_BINARY,         /* the same: image, listing, names of entries */
    HONE_WIRE_RUN,            /* payload: evidence; reply payload: findings */
    HONE_WIRE_SCORE,          /* payload: evidence; reply payload: doubles */
};

struct hone_wire_request {
    uint64_t magic, sequence;
    uint64_t bytes; /* of the payload */
    uint64_t seed;
    uint32_t op, plugin, index, reserved;
    char task_hash[40];
};

struct hone_wire_reply { /* sequence 0 says that the child is ready, or why not */
    uint64_t magic, sequence;
    uint64_t bytes; /* of the payload */
    int32_t status; /* 0 or a negative errno with a text */
    uint32_t count; /* of what the payload holds */
    uint32_t lost;
    uint32_t last; /* the child ends after this reply: another takes its place */
    char text[512];
};

/* Written by the child before it calls a plugin; read by the supervisor, as text only after the
 * child died. */
struct hone_wire_status {
    _Atomic uint32_t calls;
    char plugin[80]; /* "reward/speedup" */
    char operation[32];
};

#define HONE_WIRE_PARTS 3
#define HONE_WIRE_NO_PART UINT64_MAX

/* The parts follow one after another, each with a NUL that its size does not count. */
struct hone_wire_candidate {
    uint64_t bytes[HONE_WIRE_PARTS]; /* or HONE_WIRE_NO_PART */
    char task[128];
    char language[16];
};

/* A described task: the origin as the first file, with an empty name, then `count` - 1 files; each
 * is this head, the name and a NUL, the text and a NUL. */
struct hone_wire_file {
    uint64_t name_bytes, text_bytes; /* without their NULs */
};

static inline char *hone_wire_request_room(void *exchange) {
    return (char *)exchange + HONE_WIRE_STATUS_BYTES;
}

static inline char *hone_wire_reply_room(void *exchange) {
    return (char *)exchange + HONE_WIRE_STATUS_BYTES + HONE_WIRE_ROOM_BYTES;
}

#endif
