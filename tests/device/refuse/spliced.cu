// both 2:34 printf
extern "C" __global__ void k() { pri\
ntf("x"); }
