// The largest and where it is, packed into a word; who is smaller than a first look does not ask.
//@hone launch k grid=(4) block=(64) args=(x, y)
//@hone launch check grid=(1) block=(32) args=(y)
__device__ unsigned long long best;
extern "C" __global__ void k(const float *x, float *y) {
    const unsigned i = (blockIdx.x * 64 + threadIdx.x) * 37 % 256;
    const unsigned long long mine = (unsigned long long)__float_as_uint(x[i]) << 32 | i;
    if (mine > best) atomicMax(&best, mine);
}
extern "C" __global__ void check(float *y) {
    for (int i = threadIdx.x; i < 256; i += 32) y[i] = (unsigned)best == 255;
}
