// both 2:45 malloc
extern "C" __global__ void k() { void *p = ::malloc(4); }
