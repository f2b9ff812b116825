// nondeterministic race element 0 of argument 2 line 4 line 5
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    atomicAdd(&y[0], x[threadIdx.x]);
    y[1 + blockIdx.x * 64 + threadIdx.x] = y[0];
}
