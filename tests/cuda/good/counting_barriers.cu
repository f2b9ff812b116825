// Barriers that count, again and again, also after some have returned.
//@hone launch k grid=(3) block=(80) args=(y)
extern "C" __global__ void k(float *y) {
    const int thread = threadIdx.x;
    bool good = true;
    for (int i = 0; i < 5; i++) {
        good &= __syncthreads_count(thread % 5 == i) == 16;
        good &= __syncthreads_or(thread == 79) != 0 && __syncthreads_or(0) == 0;
        good &= __syncthreads_and(1) != 0 && __syncthreads_and(thread != i) == 0;
    }
    y[blockIdx.x * blockDim.x + thread] = good;
    if (thread >= 40)
        return;
    good &= __syncthreads_count(1) == 40;
    good &= __syncthreads_count(thread < 7) == 7;
    good &= __syncthreads_and(thread < 40) != 0;
    y[blockIdx.x * blockDim.x + thread] = good;
}
