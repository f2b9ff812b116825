/* environment.h - what agents' requests mean: reset, step, goto, fork, cancel, stop (design "The
 * interface agents see" and "Episodes"). It owns slots and episodes, hands steps to the engine,
 * keeps the run store, and answers through the session. Thread: the loop's.
 */
#ifndef HONE_CORE_ENVIRONMENT_H
#define HONE_CORE_ENVIRONMENT_H

#include "core/engine.h"
#include "core/session.h"
#include "core/store.h"

struct hone_environment;

/* All are borrowed and must outlive it; `store` may be NULL: nothing is recorded. */
int hone_environment_create(const struct hone_settings *settings, struct hone_engine *engine,
                            struct hone_store *store, struct hone_loop *loop,
                            struct hone_environment **environment, struct hone_error *error);
/* Before any agent attaches: take up the episodes, nodes and steps of the run at `path`, which the
 * store goes on with. An agent that presents its token finds its slots as they were; a step that
 * was accepted and not ended runs again, once. */
int hone_environment_restore(struct hone_environment *environment, const char *path,
                             struct hone_error *error);
void hone_environment_destroy(struct hone_environment *environment);

/* For hone_session_create(), which comes after; then tell which session it is. */
struct hone_session_events hone_environment_events(struct hone_environment *environment);
void hone_environment_serve(struct hone_environment *environment, struct hone_session *session);

#endif
