/* cuda.h - all that a CUDA source finds without an include, when it is built for the CPU.
 *
 * execution.h is found by search path, so that a test can put another in its place. */
#ifndef HONE_DEVICE_CUDA_H
#define HONE_DEVICE_CUDA_H

#include "language.h"
#include "vectors.h"
#include "mathematics.h"
#include "rounding.h"
#include "integers.h"
#include "memory.h"
#include <execution.h>
#include <prelude.h>
#include "predefined.h"
#include "refusals.h"

#endif
