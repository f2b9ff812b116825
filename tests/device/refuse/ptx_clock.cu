// both 3:9 %clock
extern "C" __global__ void k() { asm(
        "mov.u64 %0, %clock64;"); }
