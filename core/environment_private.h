/* environment_private.h - what the files of the environment share: agents, slots, steps in flight.
 */
#ifndef HONE_CORE_ENVIRONMENT_PRIVATE_H
#define HONE_CORE_ENVIRONMENT_PRIVATE_H

#include "core/allowance.h"
#include "core/clock.h"
#include "core/environment.h"
#include "core/episode.h"

#include <sys/types.h>

/* The last answer of a slot, kept so that a step sent again is answered and not run twice. */
struct answer {
    uint32_t turn; /* 0: none */
    struct hone_observation observation;
    char *message, *feedback, *json;
};

struct slot {
    struct agent *agent;
    uint32_t index;
    struct hone_episode episode;
    struct flight *flight; /* the step that runs; NULL: none */
    struct answer answer;
};

/* Of a user whose agents are or were here. */
struct account {
    uid_t uid;
    struct hone_allowance allowance;
    struct account *next;
};

struct agent {
    struct hone_lane *lane;
    struct hone_allowance allowance;
    struct account *account;
    uint64_t token;
    uint32_t slot_count;
    struct slot slots[];
};

/* A step on its way. The slot is NULL once the agent went, or reset it: the step's result is then
 * only recorded. Nobody asked yet for one that runs again after a restart of the server: its result
 * waits in the slot until its turn is sent again. */
struct flight {
    struct hone_environment *environment;
    struct slot *slot;
    struct hone_step *step;
    struct account *account; /* who pays for its record */
    uint64_t tag, node, parent, episode;
    bool asked;
};

struct hone_environment {
    const struct hone_settings *settings;
    struct hone_engine *engine;
    struct hone_store *store;
    struct hone_loop *loop;
    struct hone_session *session;
    struct hone_episode_limits limits;
    struct hone_nodes nodes;
    uint64_t episodes, steps;
    struct hone_allowance_limits journal_limits; /* of one agent */
    struct account *accounts;
    bool obeying;      /* a request is being handled */
    struct past *past; /* what an earlier server left for agents that return; NULL: nothing */
};

/* The environment's no: not an outcome, and no turn is used. */
void hone_environment_refuse(struct hone_lane *lane, const struct hone_request *request, int status,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

void hone_answer_forget(struct answer *answer);

/* environment_ledger.c: the journal is shared, and nobody may fill it alone. Not for work that was
 * accepted: its result is charged and never refused. */
struct account *hone_environment_account(struct hone_environment *environment, uid_t uid);
uint64_t hone_environment_written(const struct hone_environment *environment);
/* For what was written since `before`; `agent` NULL: it went. */
void hone_environment_charge(struct hone_environment *environment, struct agent *agent,
                             struct account *account, uint64_t before);
/* Answers the agent itself when it may not. */
bool hone_environment_may_write(struct hone_environment *environment, struct agent *agent,
                                const struct hone_request *request);
void hone_environment_close_accounts(struct hone_environment *environment);

/* Write an episode's end into the run store. */
void hone_environment_record_end(struct hone_environment *environment,
                                 const struct hone_episode *episode);

/* Open an episode whose id, task, group, seed and limits are set. */
void hone_environment_open(const struct hone_environment *environment, struct hone_episode *episode,
                           uint64_t now_ns);

/* What a result means for its node, and for its episode unless that is NULL. */
struct settlement {
    uint64_t node;
    const struct hone_evidence *evidence;
    double reward;
    uint64_t device_ns; /* charged */
    bool cached, last;
};
void hone_environment_settle(struct hone_environment *environment, struct hone_episode *episode,
                             const struct settlement *settlement, uint64_t now_ns);

/* What a finished step of a slot is answered with, now and when it is sent again; takes `feedback`
 * over. */
void hone_environment_answer(struct hone_environment *environment, struct slot *slot,
                             const struct hone_step *step, uint64_t node, uint64_t parent,
                             char *feedback);

/* Run a step of a slot that an earlier server accepted and never ended. Takes it over. */
void hone_environment_run_again(struct hone_environment *environment, struct slot *slot,
                                struct hone_step *step, uint64_t node, uint64_t parent);

/* environment_restore.c: give a returning agent what it had. */
void hone_environment_adopt(struct hone_environment *environment, struct agent *agent);
/* Whoever did not return until now is gone. */
void hone_environment_forget_past(struct hone_environment *environment);

/* A turn (environment_step.c): accepted, refused, or answered again. */
void hone_environment_step(struct hone_environment *environment, struct slot *slot,
                           struct hone_request *request);

#endif
