// both 2:44 clock64
extern "C" __global__ void k() { auto now = clock64(); }
