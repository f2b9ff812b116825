// out_of_bounds writes element -1 of argument 2
//@hone launch k grid=(1) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    y[(int)threadIdx.x - 1] = x[threadIdx.x];
}
