/* session.h - the server's side of what it shares with its agents.
 *
 * Owns the socket, the CTL segment, every lane with its UP and DOWN segments, the doorbells, and
 * the JSON stream of agents without shared memory. It turns lines into requests, private copies
 * already made and lengths, slots and sequence numbers already checked, and replies into lines or
 * JSON. What a request means is the caller's business (core/environment.h); pings, counters and the
 * catalogue are answered here.
 *
 * A slot has one request at a time: a step, goto, stop or fork for a slot whose answer is out is
 * refused here with -EBUSY. A reset of such a slot passes and takes the slot over: the reply to the
 * older request, when it comes, reaches the agent without its observation, as -ECANCELED.
 *
 * Thread: the loop's. Callbacks come from the loop only, never from inside a call of this module
 * but hone_session_destroy().
 */
#ifndef HONE_CORE_SESSION_H
#define HONE_CORE_SESSION_H

#include "core/loop.h"
#include "ipc/layout.h"
#include "plugins/plugin.h"

#include <stdbool.h>
#include <sys/types.h>

struct hone_session;
struct hone_lane; /* one attached agent */

/* One request. Text fields are NUL-terminated; everything is a private copy, valid for the call,
 * but `source`, which the receiver may keep by setting it to NULL (then it frees it with free()).
 */
struct hone_request {
    uint32_t op; /* enum hone_op */
    uint32_t slot;
    uint64_t tag; /* the line's sequence number, echoed in the reply */
    /* reset */
    char task[HONE_TEXT_TASK];
    char group[HONE_TEXT_GROUP];
    uint64_t seed;
    uint32_t turns;      /* limit; 0: the server's default */
    double goal_speedup; /* NaN: none */
    /* step */
    uint32_t stages; /* mask; 0: all */
    uint32_t flags;  /* enum hone_action_flag */
    char language[HONE_TEXT_LANGUAGE];
    char options[HONE_TEXT_OPTIONS];
    double predicted_speedup; /* NaN: none */
    uint64_t turn; /* 0, or the turn this step is meant to be: makes sending again safe */
    char *source;
    uint64_t source_bytes;
    /* goto, fork */
    uint64_t node;
    uint32_t to_slot; /* fork: the slot that answers */
};

/* What goes back: `op`, `slot` and `tag` of the request. `status` 0 or a negative errno (an
 * environment error; `message` says why). Every request is answered once; a cancel's answer never
 * carries an observation. The texts may be NULL; one too long for the block is cut in the middle,
 * saying so (`json`: left out). Bytes that are not UTF-8 reach the agent as '?'. */
struct hone_reply {
    uint32_t op;
    uint32_t slot;
    uint64_t tag;
    int32_t status;
    const struct hone_observation *observation; /* NULL: none. Text offsets are filled in here */
    const char *message, *feedback, *prompt, *json;
};

struct hone_session_events {
    void *context;
    /* An agent attached with `slots` slots; `token` is what it will present after a server's death,
     * and `returning` says that it presented one. Negative errno refuses it, with a text. */
    int (*attached)(void *context, struct hone_lane *lane, uint32_t slots, uint64_t token,
                    bool returning, struct hone_error *error);
    void (*request)(void *context, struct hone_lane *lane, struct hone_request *request);
    /* The lane is gone after this. Only for lanes whose attached() returned 0. */
    void (*detached)(void *context, struct hone_lane *lane);
};

struct hone_session_options {
    const char *name; /* "default"; NULL: private, on `private_socket` */
    /* A connected socketpair end, for hone serve --private; owned once the session is created. When
     * its agent goes, the loop is stopped. */
    int private_socket;
    const char *group;     /* let members of this Unix group attach; NULL: own uid only */
    const char *directory; /* of the socket; NULL: $XDG_RUNTIME_DIR/hone or /tmp/hone-UID */
    bool named_segments;   /* offer POSIX shared memory by name */
    uint32_t lanes_max, slots_max;
    uint32_t action_bytes, observation_bytes; /* block sizes */
    const char *catalogue;                    /* JSON text of the tasks, for CTL */
};

/* Create and listen. A name in use by a live server: -EADDRINUSE with a text; what a dead one left
 * under any name is removed first. */
int hone_session_create(struct hone_loop *loop, const struct hone_session_options *options,
                        const struct hone_session_events *events, struct hone_session **session,
                        struct hone_error *error);
void hone_session_destroy(struct hone_session *session);
const char *hone_session_socket(const struct hone_session *session); /* its path; "" when private */

/* Deliver a reply: publishes the line and rings. Never blocks. */
void hone_lane_reply(struct hone_lane *lane, const struct hone_reply *reply);
/* Say that a slot's step is in a long stage, so that its agent parks at once; `stage` is shown as
 * progress. */
void hone_lane_progress(struct hone_lane *lane, uint32_t slot, uint32_t stage);
uid_t hone_lane_uid(const struct hone_lane *lane); /* of the process that attached */
void *hone_lane_user(const struct hone_lane *lane);
void hone_lane_set_user(struct hone_lane *lane, void *user);

/* Counters in CTL, for hone_stats(). `lanes` to `replies` and `started_ns` are kept here, the rest
 * by the caller. */
struct hone_counters *hone_session_counters(struct hone_session *session);

/* Remove what dead servers of this user left (socket, lock, named segments). Called by every `hone`
 * command. `directory` NULL: the default one. Returns how many, or a negative errno. */
int hone_session_sweep(const char *directory);

#endif
