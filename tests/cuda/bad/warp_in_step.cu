// nondeterministic race __syncwarp()
//@hone launch k grid=(1) block=(32) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ volatile float s[64];
    s[threadIdx.x] = x[threadIdx.x];
    s[threadIdx.x + 32] = 0;
    __syncwarp();
    for (int step = 16; step > 0; step /= 2)
        s[threadIdx.x] = s[threadIdx.x] + s[threadIdx.x + step];
    y[threadIdx.x] = s[0];
}
