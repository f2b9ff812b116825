// An atomic that changes nothing may look, as well as atomicAdd of 0 does; so may a fenced read.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ unsigned flags[4];
    const int t = threadIdx.x;
    unsigned turns = 0;
    if (t < 4) flags[t] = 0;
    __syncthreads();
    if (t == 50) {
        atomicExch(&flags[0], 1u);
        while (atomicOr(&flags[1], 0u) == 0) turns++;
        atomicExch(&flags[2], 1u);
        while (atomicMin(&flags[3], ~0u) == 0) turns++;
    } else if (t == 3) {
        while (atomicMax(&flags[0], 0u) == 0) turns++;
        atomicExch(&flags[1], 1u);
        while (atomicSub(&flags[2], 0u) == 0) turns++;
        atomicExch(&flags[3], 1u);
    }
    __syncthreads();
    y[blockIdx.x * 64 + t] = turns < 0xffffffffu;
}
