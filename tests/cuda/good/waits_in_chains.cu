// A lane knows of another by a third one: pairs wait for each other, then pairs of pairs.
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[64];
    const int t = threadIdx.x, lane = t % 32;
    float sum = x[lane];
    for (int step = 1; step < 32; step *= 2) {
        const unsigned first = lane & ~(2 * step - 1);
        const unsigned mask = (step == 16 ? ~0u : (1u << 2 * step) - 1) << first;
        s[t] = sum;
        __syncwarp(mask);
        sum += s[t ^ step];
        __syncwarp(mask);
    }
    if (lane < 16) {
        s[t] = lane;
        __syncwarp(0xffff);
    }
    int right = 1;
    if (lane == 15) {
        right = s[t - 15] == 0;
        __syncwarp(0x18000);
    } else if (lane == 16) {
        __syncwarp(0x18000);
        right = s[t - 16] == 0 && s[t - 1] == 15;
    }
    y[blockIdx.x * 64 + t] = right && sum == 496;
}
