// compile inline PTX is not emulated
#define JOIN(a, b) a##b
extern "C" __global__ void k() { JOIN(as, m)("nop;"); }
