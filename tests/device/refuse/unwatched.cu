// compile attempt to use
extern "C" __attribute__((no_sanitize_thread)) __global__ void k(float *y) { y[0] = 1; }
