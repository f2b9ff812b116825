// All declarations of dynamic shared memory begin at the same place, behind the static one.
//@hone launch k grid=(2) block=(64) shared=1024 args=(y)
extern __shared__ float4 vectors[];
template <class T> __device__ T *dynamic() {
    extern __shared__ unsigned char bytes[];
    return reinterpret_cast<T *>(bytes);
}
extern "C" __global__ void k(float *y) {
    __shared__ int before[32];
    extern __shared__ int integers[];
    const int thread = threadIdx.x;
    if (thread < 32)
        before[thread] = thread;
    dynamic<int>()[thread] = thread + 1;
    __syncthreads();
    bool good = integers[63 - thread] == 64 - thread && (void *)vectors == (void *)integers;
    good &= before[thread % 32] == thread % 32 && (unsigned long long)vectors % 16 == 0;
    y[blockIdx.x * blockDim.x + thread] = good;
}
