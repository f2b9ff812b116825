// expect: policy_violation include_alias
#pragma include_alias("a.h", "/etc/passwd")
#include "a.h"
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
