#include "core/allowance.h"

static double left_now(const struct hone_allowance *allowance,
                       const struct hone_allowance_limits *limits, uint64_t now_ns) {
    const double grown = allowance->left + limits->rate * (double)(now_ns - allowance->at_ns) / 1e9;
    return grown < limits->bytes ? grown : limits->bytes;
}

void hone_allowance_init(struct hone_allowance *allowance,
                         const struct hone_allowance_limits *limits, uint64_t now_ns) {
    *allowance = (struct hone_allowance){limits->bytes, now_ns};
}

void hone_allowance_spend(struct hone_allowance *allowance,
                          const struct hone_allowance_limits *limits, uint64_t bytes,
                          uint64_t now_ns) {
    allowance->left = left_now(allowance, limits, now_ns) - (double)bytes;
    allowance->at_ns = now_ns;
}

double hone_allowance_wait(const struct hone_allowance *allowance,
                           const struct hone_allowance_limits *limits, uint64_t now_ns) {
    const double left = left_now(allowance, limits, now_ns);
    if (limits->bytes <= 0 || left > 0)
        return 0;
    return (1 - left) / limits->rate;
}
