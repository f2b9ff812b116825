/* client.h - what the files of the client library share. */
#ifndef HONE_IPC_CLIENT_H
#define HONE_IPC_CLIENT_H

#include "hone.h"
#include "spin.h"

#include <stdbool.h>
#include <sys/types.h>

struct hone_mapping {
    char *base;
    uint64_t bytes;
};

struct hone_client_slot {
    uint64_t tag;   /* of the request whose answer is out, or came last */
    bool busy;      /* it is out */
    bool answered;  /* an observation is there */
    bool unread;    /* it waits for hone_recv() */
    int32_t status; /* of the answer */
};

struct hone {
    int socket;
    pid_t server; /* a private one, ours to wait for; 0: none */
    struct hone_mapping ctl, up, down;
    struct hone_header up_header, down_header; /* copies: checked once, then used */
    struct hone_ring requests, replies;
    uint32_t wake; /* enum hone_wake_choice */
    struct hone_spin spin;
    bool lost;
    uint64_t token;
    uint32_t slots, busy;
    struct hone_client_slot slot[HONE_SLOTS_MAX];
    uint32_t order[HONE_SLOTS_MAX]; /* unread slots as their answers came */
    uint32_t unread;
    uint64_t call_tag; /* a request that no slot answers (ping, cancel); 0: none is out */
    int32_t call_status;
    char message[512];
};

/* Fill `error` if there is one; returns `code`. */
int hone_client_fail(struct hone_client_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a call on an attached lane. */
int hone_client_say(struct hone *hone, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

uint64_t hone_client_now_ns(void); /* CLOCK_MONOTONIC */

/* attach.c: say hello on a connected socket, take what comes. The socket stays the caller's. */
int hone_client_greet(struct hone *hone, const struct hone_attach_options *options,
                      uint64_t deadline_ns, struct hone_client_error *error);
struct hone *hone_client_create(int socket);
void hone_client_destroy(struct hone *hone);

/* wait.c: until the ring has a line: 0, -ETIMEDOUT, -ECONNRESET or -ECONNABORTED. Deadline 0: none.
 */
int hone_client_wait(struct hone *hone, uint64_t deadline_ns);
/* Ring the server if it sleeps; after a publish or after making room. */
void hone_client_ring(struct hone *hone);

#endif
