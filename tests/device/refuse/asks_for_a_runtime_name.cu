// compile attempt to use
#define JOIN(a, b) a##b
extern "C" const bool JOIN(hon, e_checking);
extern "C" __global__ void k(float *y) { y[0] = JOIN(hon, e_checking); }
