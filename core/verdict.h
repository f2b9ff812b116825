/* verdict.h - what verdicts, reasons, stages, sets and severities are called in every output.
 *
 * Names are words that agents and people see ("compile_failed", "non_finite"); numbers from outside
 * (a file, a plugin) may be unknown and are then called "unknown". The strings are constants. Any
 * thread.
 */
#ifndef HONE_CORE_VERDICT_H
#define HONE_CORE_VERDICT_H

#include "plugins/evidence.h"

const char *hone_verdict_name(uint32_t verdict);
const char *hone_reason_name(uint32_t reason); /* "none" when there is none */
const char *hone_stage_name(uint32_t stage);
const char *hone_set_name(uint32_t set);
const char *hone_severity_name(uint32_t severity);

/* The exit status of `hone eval`: 0 passed, 9 partial, 10 rejected ... 20 infra_failed (and
 * anything unknown). */
int hone_verdict_exit_code(uint32_t verdict);

/* A list of stage names with commas ("verify,time") as a mask. -EINVAL when a name is unknown. */
int hone_stage_mask(const char *names, uint32_t *mask);
/* A mask says where to stop, not what to leave out: with its last stage before the scoring come all
 * those before it. */
uint32_t hone_stage_mask_fill(uint32_t mask);

#endif
