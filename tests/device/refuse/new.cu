// both 2:43 new
extern "C" __global__ void k() { auto p = new int[3]; }
