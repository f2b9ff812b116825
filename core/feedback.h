/* feedback.h - the text a model reads after a step: what happened, the compiler's words, a table of
 * times, what was found. Bounded (default 8 KiB), cut in the middle and saying so. Nothing of a
 * hidden workload but coarse shares and errors. Any thread. */
#ifndef HONE_CORE_FEEDBACK_H
#define HONE_CORE_FEEDBACK_H

#include "core/engine.h"

#define HONE_FEEDBACK_BYTES 8192u

/* The caller frees. NULL: out of memory. */
char *hone_feedback(const struct hone_engine *engine, const struct hone_step *step);

#endif
