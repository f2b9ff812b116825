// nondeterministic race __syncthreads() is missing
//@hone launch k grid=(1) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[64];
    for (int i = 0; i < 4; i++) {
        s[threadIdx.x] = x[threadIdx.x + i];
        __syncthreads();
        y[threadIdx.x] = s[63 - threadIdx.x];
    }
}
