// Many items pushed to lists by exchanges, and one who reads much while others wait for it.
//@hone launch clear grid=(1) block=(256) args=(y)
//@hone launch push grid=(1) block=(256) args=(y)
//@hone launch read grid=(1) block=(256) args=(y)
__device__ int head[2], links[4096];
extern "C" __global__ void clear(float *y) {
    for (int i = threadIdx.x; i < 4096; i += 256) links[i] = -1;
    if (threadIdx.x < 2) head[threadIdx.x] = -1;
    y[threadIdx.x] = 0;
}
extern "C" __global__ void push(float *y) {
    int sum = 0;
    for (int i = threadIdx.x; i < 3000000; i += 256) sum ^= atomicExch(&head[i % 2], i);
    y[threadIdx.x] = sum != -1;
}
extern "C" __global__ void read(float *y) {
    __shared__ int done;
    const int t = threadIdx.x;
    if (t == 0) done = 0;
    __syncthreads();
    if (t == 0) {
        int sum = 0;
        for (int i = 0; i < 150000; i++) sum += *(volatile int *)&links[i % 4096];
        __threadfence_block();
        atomicExch(&done, sum);
    } else {
        while (*(volatile int *)&done == 0) { }
    }
    __syncthreads();
    y[t] = done == -150000 ? y[t] : 0;
}
