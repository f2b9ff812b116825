/* report.h - a finished step as the one JSON object of `hone eval --json` and of observations:
 * always complete, absent values null, hidden workloads without id and axes. Any thread. */
#ifndef HONE_CORE_REPORT_H
#define HONE_CORE_REPORT_H

#include "core/engine.h"

#include <jansson.h>

/* NULL: out of memory. */
json_t *hone_report(const struct hone_engine *engine, const struct hone_step *step);

#endif
