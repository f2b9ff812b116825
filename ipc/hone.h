/* hone.h - everything an agent needs: attach to a gym of GPU kernels, reset a task, submit source,
 * read what happened.
 *
 * Results are 0 or a negative errno, unless said otherwise; hone_message() says in words what the
 * last one means. -ECONNRESET: the server is gone; attach to the same name again, with
 * hone_token() in the options and as many slots, and go on: a server that takes up its
 * predecessor's run has every slot's episode as it was. A step sent again with its number in
 * hone_action.turn is answered by the one run of it, whether that had ended or not. -ECONNABORTED:
 * the server dropped this agent and said why. A wrong, slow or crashing kernel is no error but an
 * observation.
 *
 * Threads: one thread at a time per struct hone. Ownership: observations and texts are read in
 * place in memory that the server writes; one stays valid until the next reset, step, goto, stop or
 * fork that answers into its slot, and until hone_close(). The library links libc only.
 */
#ifndef HONE_H
#define HONE_H

#include "layout.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct hone; /* one lane with one or more slots */

/* Why attaching failed, for people. A NULL pointer to one is always allowed. */
struct hone_client_error {
    char text[512];
};

enum hone_wake_choice { HONE_WAKE_FUTEX, HONE_WAKE_SEMAPHORE, HONE_WAKE_SOCKET };
enum hone_map_choice { HONE_MAP_MEMFD, HONE_MAP_NAMED };

/* Zeros are the defaults: one slot, sealed memory, futex, 10 s (60 s for a private server to
 * start). */
struct hone_attach_options {
    uint32_t slots;
    uint32_t wake;         /* enum hone_wake_choice: how this agent sleeps */
    uint32_t map;          /* enum hone_map_choice */
    uint64_t token;        /* hone_token() of an earlier attachment whose episodes go on */
    uint64_t timeout_ns;   /* for attaching */
    const char *directory; /* of the socket; NULL: $XDG_RUNTIME_DIR/hone, then /tmp/hone-UID */
};

struct hone_episode {    /* zeros are the defaults */
    const char *task;    /* NULL: the server samples one */
    uint64_t seed;       /* 0: the server chooses; fixes task sampling and debug inputs */
    const char *group;   /* episodes to be compared with each other, for the record; NULL: none */
    uint32_t turns;      /* steps until it is truncated; 0: the server's setting */
    double goal_speedup; /* it terminates above this; 0: the server's setting */
};

struct hone_action {       /* zeros are the defaults */
    const char *language;  /* "c" or "cuda" */
    const char *options;   /* for the compiler, of those the prompt names: "O2 fast_math" */
    uint32_t stages;       /* mask; where to stop: 0x7 after compile, 0x1f after verify; 0: all */
    uint32_t flags;        /* enum hone_action_flag */
    uint64_t source_bytes; /* how much of the action buffer is source */
    double predicted_speedup; /* what the agent expects, for the record; 0: nothing */
    uint64_t turn; /* the turn this is meant to be: sent again after a server's death, it is not run
                      twice; 0: whichever is next */
};

/* `name` of a running server (hone serve); a path to its socket if it has a slash; NULL:
 * "default". */
int hone_attach(struct hone **hone, const char *name, const struct hone_attach_options *options,
                struct hone_client_error *error);
/* A private server of our own: no name, no files, ends with this process. The program is
 * $HONE_SERVER, else `hone` beside this library, else in PATH; `configuration` (etc/hone.ini) may
 * be NULL. */
int hone_open(struct hone **hone, const char *configuration,
              const struct hone_attach_options *options, struct hone_client_error *error);
void hone_close(struct hone *hone); /* NULL is allowed */

/* Begin an episode in a slot (from 0), and end the one that runs there; the observation has the
 * prompt. Waits for the answer, as do step and stop. `observation` may be NULL. */
int hone_reset(struct hone *hone, uint32_t slot, const char *task, uint64_t seed,
               const struct hone_observation **observation);
int hone_reset_with(struct hone *hone, uint32_t slot, const struct hone_episode *episode,
                    const struct hone_observation **observation);
/* Where the slot's next source is written, in place, while no step of the slot is in flight. NULL:
 * no such slot. */
char *hone_action_buffer(struct hone *hone, uint32_t slot, size_t *capacity);
/* Submit the source in the slot's action buffer: compiled, judged and timed before this returns. */
int hone_step(struct hone *hone, uint32_t slot, const struct hone_action *action,
              const struct hone_observation **observation);
/* End the episode without another step. */
int hone_stop(struct hone *hone, uint32_t slot, const struct hone_observation **observation);

/* Many in flight: one step or reset per slot; answers come in any order. hone_recv() returns how
 * many it stored, at least one; 0 when nothing is in flight; -ETIMEDOUT. A negative timeout waits
 * for ever. */
int hone_send(struct hone *hone, uint32_t slot, const struct hone_action *action);
int hone_send_reset(struct hone *hone, uint32_t slot, const struct hone_episode *episode);
int hone_recv(struct hone *hone, const struct hone_observation **observations, uint32_t capacity,
              int64_t timeout_ns);

/* Move a slot's cursor to a node of its episode; begin an episode in `to_slot` whose history ends
 * at a node. */
int hone_goto(struct hone *hone, uint32_t slot, uint64_t node);
int hone_fork(struct hone *hone, uint32_t from_slot, uint64_t node, uint32_t to_slot);
/* Give up what runs in a slot: its answer still comes, sooner. */
int hone_cancel(struct hone *hone, uint32_t slot);
int hone_ping(struct hone *hone);                                  /* does the server answer? */
int hone_stats(struct hone *hone, struct hone_counters *counters); /* of the whole server */

/* The last observation of a slot; NULL: none, or one is on its way. */
const struct hone_observation *hone_last(const struct hone *hone, uint32_t slot);
uint32_t hone_slots(const struct hone *hone); /* how many this agent has */
uint64_t hone_token(const struct hone *hone); /* by which it finds its episodes again */
/* Stage (from 0) of a slot's step while that stage is a long one; -1: none. A hint. */
int hone_progress(const struct hone *hone, uint32_t slot);
const char *hone_catalogue(const struct hone *hone, size_t *bytes); /* JSON, NUL-terminated */
/* What the last failure means; "" after a success. */
const char *hone_message(const struct hone *hone);

enum hone_text_kind {
    HONE_MESSAGE,  /* one line: why the verdict is what it is */
    HONE_FEEDBACK, /* what a model is to read after a step */
    HONE_PROMPT,   /* what it is to read first: after a reset */
    HONE_JSON,     /* the observation as one object */
};
/* A text of an observation; "" when it has none. */
const char *hone_text(const struct hone_observation *observation, enum hone_text_kind kind);
const char *hone_outcome_name(uint32_t outcome); /* "passed", "compile_failed" ... */

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
