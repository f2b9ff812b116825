// out_of_bounds writes argument 2
//@hone launch k grid=(1) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    if (threadIdx.x == 0)
        memcpy(y + (1 << 20), x, blockDim.x * sizeof *x);
    y[threadIdx.x] = 1;
}
