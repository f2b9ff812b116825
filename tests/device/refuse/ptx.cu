// cpu 2:34 asm
extern "C" __global__ void k() { asm volatile("bar.sync 0;"); }
