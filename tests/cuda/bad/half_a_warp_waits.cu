// nondeterministic race shared __syncwarp()
//@hone launch k grid=(1) block=(32) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[32];
    s[threadIdx.x] = 0;
    __syncthreads();
    s[threadIdx.x] = x[threadIdx.x];
    if (threadIdx.x < 16)
        __syncwarp(0xffff);
    else
        __syncwarp(0xffff0000);
    y[threadIdx.x] = s[31 - threadIdx.x];
}
