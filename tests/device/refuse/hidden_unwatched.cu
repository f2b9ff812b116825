// compile attempt to use
#define JOIN(a, b) a##b
extern "C" [[gnu::JOIN(no_sanitize, _thread)]] __global__ void k(float *y) { y[0] = 1; }
