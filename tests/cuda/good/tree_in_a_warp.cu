// A warp adds in shared memory, and waits for itself between reading and writing.
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ volatile float s[64];
    const int t = threadIdx.x, lane = t % 32;
    s[t] = x[lane];
    __syncwarp();
    for (int step = 16; step > 0; step /= 2) {
        const float other = lane < step ? s[t + step] : 0;
        __syncwarp();
        if (lane < step) s[t] = s[t] + other;
        __syncwarp();
    }
    y[blockIdx.x * 64 + t] = s[t - lane] == 496;
}
