// nondeterministic race block (0,0,0) line 9
//@hone launch clear grid=(2) block=(64) args=(y)
//@hone launch k grid=(2) block=(64) args=(y)
__device__ int flag;
__device__ float made[64];
extern "C" __global__ void clear(float *y) { if (blockIdx.x + threadIdx.x == 0) flag = 0; }
extern "C" __global__ void k(float *y) {
    if (blockIdx.x == 0) {
        y[threadIdx.x] = threadIdx.x;
        __threadfence();
        __syncthreads();
        if (threadIdx.x == 0) atomicExch(&flag, 1);
    } else {
        if (threadIdx.x == 0)
            while (atomicAdd(&flag, 0) == 0) { }
        y[64 + threadIdx.x] = y[63 - threadIdx.x];
    }
}
