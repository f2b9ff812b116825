// Two buffers in turn, so that one barrier for each is enough.
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float tile[2][64];
    float sum = 0;
    tile[0][threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int i = 0; i < 6; i++) {
        if (i < 5) tile[(i + 1) % 2][threadIdx.x] = x[64 * (i + 1) + threadIdx.x];
        sum += tile[i % 2][63 - threadIdx.x];
        __syncthreads();
    }
    y[blockIdx.x * 64 + threadIdx.x] = sum == 6 * (63 - threadIdx.x) + 64 * 15;
}
