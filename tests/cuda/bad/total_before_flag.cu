// nondeterministic line 10 line 12 __threadfence()
//@hone launch clear grid=(4) block=(32) args=(y)
//@hone launch k grid=(4) block=(32) args=(y)
extern "C" __global__ void clear(float *y) { y[blockIdx.x * 32 + threadIdx.x] = 0; }
extern "C" __global__ void k(float *y) {
    volatile float *total = y, *done = y + 64;
    const int b = blockIdx.x;
    if (threadIdx.x) return;
    float sum = 0;
    if (b) { while (done[b - 1] == 0) { } sum = total[b - 1]; }
    sum += b;
    total[b] = sum + 1;
    done[b] = 1;
}
