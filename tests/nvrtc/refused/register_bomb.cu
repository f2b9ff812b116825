// expect: compile_failed out of memory
extern "C" __global__ void k(float *y) {
    asm volatile("{ .reg .b32 many<2000000000>; mov.b32 many1, 1; }");
    y[0] = 1;
}
