// Parts of a sum and flags apart: a part is written plainly, and told of by its flag.
//@hone launch clear grid=(8) block=(32) args=(y)
//@hone launch k grid=(8) block=(32) args=(y)
__device__ volatile int flag[8];
__device__ float alone[8], all[8];
extern "C" __global__ void clear(float *y) {
    if (threadIdx.x == 0) flag[blockIdx.x] = 0;
    y[blockIdx.x * 32 + threadIdx.x] = 0;
}
extern "C" __global__ void k(float *y) {
    __shared__ float before;
    const int b = blockIdx.x;
    if (threadIdx.x == 0) {
        alone[b] = b + 1;
        __threadfence();
        flag[b] = 1;
        float sum = 0;
        for (int p = b - 1; p >= 0; p--) {
            int seen;
            do {
                seen = flag[p];
            } while (seen == 0);
            __threadfence();
            if (seen == 2) {
                sum += all[p];
                break;
            }
            sum += alone[p];
        }
        all[b] = sum + b + 1;
        __threadfence();
        flag[b] = 2;
        before = sum;
    }
    __syncthreads();
    y[b * 32 + threadIdx.x] = before == b * (b + 1) / 2;
}
