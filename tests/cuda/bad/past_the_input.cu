// out_of_bounds reads element 16384 of argument 1
//@hone launch k grid=(65) block=(256) args=(x, y, n)
extern "C" __global__ void k(const float *x, float *y, long n) {
    const long i = blockIdx.x * 256 + threadIdx.x;
    y[i < n ? i : 0] = x[i];
}
