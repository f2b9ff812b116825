// compile no memory is allocated
#define JOIN(a, b) a##b
extern "C" __global__ void k(void **p) { *p = JOIN(mal, loc)(4); }
