// nondeterministic race element 0
//@hone launch k grid=(2) block=(32) args=(y)
__device__ int lock;
extern "C" __global__ void k(float *y) {
    if (threadIdx.x == 0) {
        while (atomicCAS(&lock, 0, 1) != 0) { }
        const float before = y[0];
        __threadfence();
        atomicExch(&lock, 0);
        y[0] = before + 1;
    }
}
