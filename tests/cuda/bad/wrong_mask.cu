// nondeterministic mask line 4
//@hone launch k grid=(1) block=(32) args=(y)
extern "C" __global__ void k(float *y) {
    y[threadIdx.x] = __shfl_sync(0x0000ffffu, (float)threadIdx.x, 0);
}
