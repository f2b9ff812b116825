// Flags that are not volatile, and read anew behind each fence.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int flag;
    const int t = threadIdx.x;
    if (t == 0) flag = 0;
    __syncthreads();
    if (t == 50) {
        atomicExch(&flag, 1);
    } else if (t == 3) {
        int *at = &flag, seen = 0;
        while (!seen) {
            seen = __ldcv(at);
            __threadfence_block();
        }
    }
    __syncthreads();
    y[blockIdx.x * 64 + t] = 1;
}
