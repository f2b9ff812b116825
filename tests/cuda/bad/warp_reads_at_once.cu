// nondeterministic race shared __syncwarp() line 7 line 8
//@hone launch k grid=(1) block=(32) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[32];
    s[threadIdx.x] = 0;
    __syncthreads();
    s[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = s[31 - threadIdx.x];
}
