// expect: policy_violation __has_include
#if __has_include("/etc/passwd") || __has_include("/proc/self/environ") || __has_include("/etc/hostname")
#error something is there
#else
#error nothing is there
#endif
extern "C" __global__ void k(float *y, int n) { y[0] = n; }
