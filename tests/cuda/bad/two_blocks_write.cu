// nondeterministic race element 3 of argument 1
//@hone launch k grid=(2) block=(32) args=(y)
extern "C" __global__ void k(float *y) {
    if (threadIdx.x == 3)
        y[3] = (float)blockIdx.x;
}
