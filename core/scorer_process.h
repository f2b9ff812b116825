/* scorer_process.h - the child process behind a scorer: start it, ask it, wait no longer than
 * allowed, replace it.
 *
 * Private to core/scorer*.c. Threads: as core/scorer.h says.
 */
#ifndef HONE_CORE_SCORER_PROCESS_H
#define HONE_CORE_SCORER_PROCESS_H

#include "core/scorer_wire.h"

#include <stdbool.h>
#include <sys/types.h>

struct hone_settings;

struct hone_scorer {
    const struct hone_settings *settings;
    void *exchange; /* mapped; outlives the child */
    int exchange_file;
    int settings_file;
    int socket; /* -1: no child runs */
    pid_t pid;
    uint64_t sequence;
    uint64_t limit_ns;    /* of the open request: of each plugin call in it */
    uint64_t deadline_ns; /* moves on with each plugin call */
    uint32_t calls;       /* plugin calls seen so far */
    uint32_t extensions;  /* how often the deadline may still move */
    bool pending;         /* a request is open */
};

int hone_scorer_start(struct hone_scorer *scorer, struct hone_error *error);
void hone_scorer_stop(struct hone_scorer *scorer);

/* The request's payload is already in the exchange. `descriptor` -1: none. `calls` is how many
 * plugins it may take; each has `limit_ns`. Starts the child if there is none. */
int hone_scorer_send(struct hone_scorer *scorer, struct hone_wire_request *request, int descriptor,
                     uint64_t limit_ns, uint32_t calls, struct hone_error *error);
/* Whether hone_scorer_receive() would return without waiting. */
bool hone_scorer_answered(const struct hone_scorer *scorer);
/* -EREMOTEIO when the child died or was late: it is gone then, and the text names the plugin. Else
 * the reply's status. reply->bytes is within the exchange. */
int hone_scorer_receive(struct hone_scorer *scorer, struct hone_wire_reply *reply,
                        struct hone_error *error);

#endif
