// nondeterministic race element 0 of argument 2 atomic
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    y[threadIdx.x / 8] += x[threadIdx.x];
}
