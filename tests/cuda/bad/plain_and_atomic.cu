// nondeterministic race element 0 of argument 1 line 5 line 6 atomic
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    if (threadIdx.x == 0)
        y[0] = blockIdx.x + 1;
    atomicAdd(&y[0], 1.0f);
}
