// expect: compile_failed shared
extern "C" __global__ void k(float *y) {
    __shared__ float s[1000000];
    s[threadIdx.x] = y[0];
    __syncthreads();
    y[0] = s[5];
}
