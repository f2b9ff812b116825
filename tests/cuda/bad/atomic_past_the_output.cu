// out_of_bounds argument 1 line 4
//@hone launch k grid=(1) block=(32) args=(y)
extern "C" __global__ void k(float *y) {
    atomicAdd(&y[(int)threadIdx.x - 1], 1.0f);
}
