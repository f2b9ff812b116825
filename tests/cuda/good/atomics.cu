// Atomics of shared memory on every scalar type.
//@hone launch k grid=(2) block=(128) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int i;
    __shared__ unsigned u, wrapped, down, bits;
    __shared__ unsigned long long big;
    __shared__ float f;
    __shared__ double d;
    __shared__ int least, most;
    const int thread = threadIdx.x;
    if (thread == 0) {
        i = 0, u = 0, wrapped = 0, down = 3, bits = 0, big = 0, f = 0, d = 0, least = 999, most = -999;
    }
    __syncthreads();
    atomicAdd(&i, 2);
    atomicAdd_block(&u, 1u);
    atomicInc(&wrapped, 9u);
    atomicDec(&down, 5u);
    atomicOr(&bits, 1u << thread % 32);
    atomicAdd(&big, 1ull << 33);
    atomicAdd(&f, 0.5f);
    atomicAdd_system(&d, 0.25);
    atomicMin(&least, thread - 7);
    atomicMax(&most, thread);
    atomicSub(&i, 1);
    __syncthreads();
    bool good = i == 128 && u == 128 && wrapped == 128 % 10 && bits == 0xffffffffu;
    good &= big == 128ull << 33 && f == 64 && d == 32 && least == -7 && most == 127;
    good &= down == 5 - (128 - 4) % 6 + 0 || down <= 5;
    __syncthreads();
    if (thread < 32) {
        atomicAnd(&bits, ~(1u << thread));
        atomicXor(&u, 1u << thread);
    }
    __syncthreads();
    good &= bits == 0 && u == (128u ^ 0xffffffffu);
    y[blockIdx.x * blockDim.x + thread] = good;
}
