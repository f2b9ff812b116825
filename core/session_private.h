/* session_private.h - what the files of the session share among themselves.
 *
 * A lane's life: new (accepted, has not said what it is) -> shared or json (attached) -> doomed ->
 * freed. Whoever finds a fault only dooms a lane; the session's work() frees doomed lanes, so that
 * no caller loses one under its feet.
 */
#ifndef HONE_CORE_SESSION_PRIVATE_H
#define HONE_CORE_SESSION_PRIVATE_H

#include "core/session.h"
#include "ipc/ring.h"

#include <sys/types.h>

#define HONE_STRIKES_MAX 3u
#define HONE_LINES_AT_ONCE 16 /* of one lane before the next one's turn */

struct json_t;

struct hone_segment {
    char *base;
    uint64_t bytes;
    int descriptor; /* -1: none. Of a named segment it holds the lock that says its server lives */
    char name[96];  /* for shm_open; "" for sealed memory */
};

struct hone_buffer {
    char *bytes;
    size_t used, capacity;
};

enum hone_lane_state { HONE_LANE_NEW, HONE_LANE_SHARED, HONE_LANE_JSON };
enum hone_bell { HONE_BELL_FUTEX, HONE_BELL_SEMAPHORE, HONE_BELL_SOCKET };

struct hone_lane_slot {
    uint64_t tag; /* of the request that owns the slot's observation block */
    bool busy;    /* its reply is out */
};

struct hone_json_call { /* a JSON-RPC request whose reply is out */
    uint64_t tag;
    struct json_t *id;
};

struct hone_lane {
    struct hone_session *session;
    uint32_t id;
    enum hone_lane_state state;
    bool doomed, attached;
    char reason[120]; /* why doomed; "" when the agent left */
    int socket, pidfd;
    uid_t uid;
    int64_t hello_timer;
    uint64_t token;
    void *user;
    uint32_t slots, strikes;
    struct hone_lane_slot *slot;

    /* shared */
    struct hone_segment up, down;
    struct hone_ring requests, replies;
    char *actions, *observations; /* slot 0's block in `up` and in `down` */
    enum hone_bell bell;
    uint64_t replies_read;  /* the agent's `consumed`, as far as it was believable */
    struct hone_line *held; /* replies that found the ring full, in order */
    uint32_t held_count, held_capacity;

    /* socket */
    struct hone_buffer input, output;
    bool more;         /* a whole line is left in `input` */
    uint64_t next_tag; /* json */
    struct hone_json_call *calls;
    uint32_t call_count;
};

struct hone_session {
    struct hone_loop *loop;
    struct hone_session_events events;
    struct hone_session_options options; /* its texts are the copies below */
    char name[40], directory[96], socket_path[108], lock_path[112];
    char *catalogue;
    gid_t group;
    int listener, lock;
    int64_t listen_timer; /* descriptors ran out: callers wait until then */
    bool is_private, semaphores;
    uint64_t id;
    struct hone_segment ctl;       /* sealed */
    struct hone_segment named_ctl; /* a copy by name, once an agent asked for one */
    struct hone_lane **lanes;
    uint32_t lane_count, lane_ids;
    bool doomed; /* some lane is */
};

/* session.c */
void hone_session_bury(struct hone_session *session); /* free doomed lanes */

/* session_guard.c: memory that another process may truncate. Calls `touch`; -EFAULT when it ran
 * into a hole. `touch` only moves bytes: what it had allocated or locked would stay so. */
int hone_guard_install(void);
int hone_guard(void (*touch)(void *context), void *context);

/* session_segment.c */
void hone_segment_destroy(struct hone_segment *segment);
int hone_session_create_ctl(struct hone_session *session, struct hone_error *error);
void hone_session_refresh_ctl(struct hone_session *session); /* counters into the named copy */
int hone_lane_create_segments(struct hone_lane *lane, bool named, struct hone_error *error);

/* session_bell.c */
bool hone_bell_semaphores_work(void);
void hone_bell_prepare(struct hone_up *up); /* before an agent sees it */
void hone_bell_ring(
    struct hone_lane *lane); /* after a publish; wakes the agent if it says it sleeps */

/* session_lane.c */
struct hone_lane *hone_lane_create(struct hone_session *session, int socket);
void hone_lane_destroy(struct hone_lane *lane);
void hone_lane_doom(struct hone_lane *lane, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void hone_lane_gone(struct hone_lane *lane); /* it left by itself, or died */
void hone_lane_strike(struct hone_lane *lane, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool hone_lane_scan(struct hone_lane *lane);
void hone_lane_set_parked(struct hone_lane *lane, bool parked);
/* Slots and operations of a request, whatever way it came; calls the environment. Frees
 * request->source. */
void hone_lane_request(struct hone_lane *lane, struct hone_request *request);

/* session_reply.c */
void hone_lane_flush(struct hone_lane *lane); /* held replies */

/* session_socket.c */
int hone_session_listen(struct hone_session *session, struct hone_error *error);
int hone_session_adopt(struct hone_session *session, int socket, struct hone_error *error);
void hone_lane_send(struct hone_lane *lane, const char *bytes, size_t count); /* queued, bounded */
/* Lines that wait in `input` for their lane's turn. Returns whether there were any. */
bool hone_lane_read_on(struct hone_lane *lane);
/* Say why, in a line that agents of either kind understand, and doom the lane. */
void hone_lane_refuse(struct hone_lane *lane, int code, const char *text);

/* session_attach.c */
void hone_lane_greet(struct hone_lane *lane, const struct json_t *hello);
/* The environment's consent, a token, slots. */
int hone_lane_attach(struct hone_lane *lane, uint32_t slots, uint64_t token,
                     struct hone_error *error);

/* session_json_object.c: new references */
struct json_t *hone_json_observation(const struct hone_observation *observation,
                                     const struct hone_reply *reply);
struct json_t *hone_json_counters(const struct hone_counters *counters);

/* session_json.c */
void hone_json_input(struct hone_lane *lane, const char *line, size_t count);
void hone_json_reply(struct hone_lane *lane, const struct hone_reply *reply);
void hone_json_dropped(struct hone_lane *lane);
void hone_json_finish(struct hone_lane *lane);

/* session_sweep.c */
int hone_session_directory(char *path, size_t size, const char *wanted, gid_t group, bool grouped,
                           struct hone_error *error);
int hone_session_lock(struct hone_session *session, struct hone_error *error);
void hone_session_unlock(struct hone_session *session);

#endif
