/* bounds.h - options `low` and `high` of rewards that clip their value. */
#ifndef HONE_REWARD_BOUNDS_H
#define HONE_REWARD_BOUNDS_H

#include "plugins/reward.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bounds {
    double low, high;
};

#define BOUNDS_OPTIONS                                                                             \
    {.name = "low",                                                                                \
     .fallback = "0",                                                                              \
     .summary = "smallest value of a kernel that passed",                                          \
     .low = -1e6,                                                                                  \
     .high = 1e6,                                                                                  \
     .type = HONE_REAL},                                                                           \
    {                                                                                              \
        .name = "high", .fallback = "3", .summary = "largest value", .low = -1e6, .high = 1e6,     \
        .type = HONE_REAL                                                                          \
    }

/* Whether the setting is one of the two; then it is kept. */
static inline bool take_bound(const struct hone_setting *setting, struct bounds *bounds) {
    const bool low = !strcmp(setting->name, "low");
    if (!low && strcmp(setting->name, "high") != 0)
        return false;
    *(low ? &bounds->low : &bounds->high) = strtod(setting->value, NULL);
    return true;
}

static inline int check_bounds(const struct bounds *bounds, struct hone_error *error) {
    if (bounds->low <= bounds->high)
        return 0;
    if (error)
        snprintf(error->text, sizeof error->text, "low %g is above high %g", bounds->low,
                 bounds->high);
    return -EINVAL;
}

static inline double clip(const struct bounds *bounds, double value) {
    return fmax(bounds->low, fmin(value, bounds->high));
}

#endif
