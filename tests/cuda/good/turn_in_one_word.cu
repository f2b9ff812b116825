// A turn and what goes with it in one word: who reads it after the last change has all of it.
//@hone launch clear grid=(6) block=(32) args=(y)
//@hone launch k grid=(6) block=(32) args=(y)
__device__ volatile unsigned long long *state_of(float *y) { return (volatile unsigned long long *)(y + 512); }
extern "C" __global__ void clear(float *y) {
    if (blockIdx.x == 0 && threadIdx.x == 0) *state_of(y) = 0;
    y[blockIdx.x * 32 + threadIdx.x] = 0;
}
extern "C" __global__ void k(float *y) {
    __shared__ unsigned before;
    const unsigned b = blockIdx.x;
    if (threadIdx.x == 0) {
        unsigned long long seen;
        do {
            seen = *state_of(y);
        } while (seen >> 32 != b);
        before = (unsigned)seen;
        *state_of(y) = (unsigned long long)(b + 1) << 32 | (before + b + 1);
    }
    __syncthreads();
    y[b * 32 + threadIdx.x] = before == b * (b + 1) / 2;
}
