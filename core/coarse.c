#include "core/coarse.h"

#include <math.h>
#include <stdio.h>

#define EXPONENT_LEAST (-6)
#define EXPONENT_MOST 3

void hone_coarse_share(int64_t part, int64_t whole, char text[32]) {
    const double share = whole > 0 ? (double)part / (double)whole : 0;
    if (part >= whole)
        snprintf(text, 32, "all");
    else if (share >= 0.95)
        snprintf(text, 32, "nearly all");
    else if (share >= 0.05)
        snprintf(text, 32, "about %.0f %% of the", 10 * round(10 * share));
    else
        snprintf(text, 32, "less than %d %% of the", share < 0.01 ? 1 : 5);
}

double hone_coarse_error(double error) {
    if (!(error > 0) || isinf(error))
        return error;
    const double exponent = fmin(fmax(round(log10(error)), EXPONENT_LEAST), EXPONENT_MOST);
    return pow(10, exponent);
}
