// both 2:46 malloc
extern "C" __global__ void k() { void *p = ::malloc(4); }
