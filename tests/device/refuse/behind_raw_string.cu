// both 2:71 printf
extern "C" __global__ void k() { const char *s = R"x(printf" )y" )x"; printf(s); }
