/* fibers.h - the prelude of one build, where clang finds it: a precompiled header knows what it was
 * made of by its path, which must not be a job's. */
#include "cuda.h"
