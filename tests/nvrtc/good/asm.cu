extern "C" __global__ void k(const float *x, float *y) {
    float v;
    asm volatile("ld.global.nc.L1::no_allocate.f32 %0, [%1];" : "=f"(v) : "l"(x + threadIdx.x));
    asm("ex2.approx.ftz.f32 %0, %0;" : "+f"(v));
    y[threadIdx.x] = v;
}
