// nondeterministic divergent barrier line 5 line 7
//@hone launch k grid=(1) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    if (threadIdx.x < 40)
        __syncthreads();
    else
        __syncthreads();
    y[threadIdx.x] = 1;
}
