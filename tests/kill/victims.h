/* victims.h - which process of a server does what, as seen from outside, and killing one when a
 * step is at a certain stage. */
#ifndef HONE_TESTS_KILL_VICTIMS_H
#define HONE_TESTS_KILL_VICTIMS_H

#include "tests/lab.h"

#define VICTIMS_SEEN_MAX 128

enum victim { SUPERVISOR, SCORER, GUEST, CANDIDATE, JAIL, COMPILER, AGENT, VICTIMS };
/* Stages of a step that can be told from outside; `start` and `attach` are the server's and the
 * agent's own, `any` is a moment drawn over the whole step. */
enum stage { START, ATTACH, IDLE, COMPILE, VERIFY, TIME, ANY, STAGES };

extern const char *const victim_names[VICTIMS];
extern const char *const stage_names[STAGES];

struct census {
    struct lab_process list[VICTIMS_SEEN_MAX];
    enum victim kind[VICTIMS_SEEN_MAX];
    uint32_t total, of[VICTIMS];
};

/* Everything in the server's Unix session. What is none of the others counts as a compiler. */
void census_take(struct census *census, pid_t session);
/* Is a step at this stage, to judge by its processes? One candidate: verify; a pair of them: time.
 */
bool census_shows(const struct census *census, enum stage stage);
/* SIGKILL one of that kind, drawn, or all of them; how many were there. */
uint32_t census_kill(const struct census *census, enum victim victim, uint64_t *random);

#endif
