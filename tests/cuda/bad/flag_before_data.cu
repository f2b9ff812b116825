// nondeterministic race line 11 line 15
//@hone launch clear grid=(2) block=(32) args=(y)
//@hone launch k grid=(2) block=(32) args=(y)
__device__ volatile int flag;
extern "C" __global__ void clear(float *y) { flag = 0; }
extern "C" __global__ void k(float *y) {
    if (threadIdx.x) return;
    if (blockIdx.x == 0) {
        __threadfence();
        flag = 1;
        y[0] = 3;
    } else {
        while (flag == 0) { }
        __threadfence();
        y[1] = y[0];
    }
}
