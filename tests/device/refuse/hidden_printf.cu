// compile nobody reads what is printed
#define JOIN(a, b) a##b
extern "C" __global__ void k() { JOIN(print, f)("x"); }
