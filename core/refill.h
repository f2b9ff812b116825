/* refill.h - fill an engine's result cache from what earlier servers recorded. */
#ifndef HONE_CORE_REFILL_H
#define HONE_CORE_REFILL_H

#include "core/engine.h"

/* From the newest runs below `root` with this engine's facts, the newest results first, until the
 * cache is full, or two seconds have passed. `own`: the path of the run that is being written.
 * Returns how many results it looked at. What cannot be read is passed over. */
uint64_t hone_refill(struct hone_engine *engine, const char *root, const char *own);

#endif
